// Activations in vectors. Included by step-inl.h.

template <typename Function>
LSTMD_INLINE void ForEachVector(const float* x, float* y, int size, Function function) {
  for (int i = 0; i < size; i += kWidth) Store(y + i, function(Load(x + i)));
}

/// Keras' ReLU with its slope, threshold and maximum.
struct Relu {
  Vector slope, threshold, most;

  explicit Relu(const Activation& activation)
      : slope(Set(activation.parameters[0])),
        threshold(Set(activation.parameters[1])),
        most(Set(activation.parameters[2])) {}

  [[gnu::always_inline]] Vector operator()(Vector a) const {
    const Vector below = Multiply(slope, Subtract(a, threshold));
    return WhereAtLeast(a, most, most, WhereAtLeast(a, threshold, a, below));
  }
};

/// y = f(x), in place or not; both are buffers of whole vectors, of which `size` floats count.
void Apply(const Activation& activation, const float* x, float* y, int size) {
  const float* const parameters = activation.parameters;
  switch (activation.code) {
    case ActivationCode::kLinear:
      if (x != y) memcpy(y, x, Bytes(RoundUp(size)));
      return;
    case ActivationCode::kSigmoid:
      ForEachVector(x, y, size, [](Vector a) { return Sigmoid(a); });
      break;
    case ActivationCode::kTanh:
      ForEachVector(x, y, size, [](Vector a) { return Tanh(a); });
      break;
    case ActivationCode::kSoftsign:
      ForEachVector(x, y, size, [](Vector a) { return Divide(a, Add(Set(1.0f), Abs(a))); });
      break;
    case ActivationCode::kRelu:
      ForEachVector(x, y, size, Relu(activation));
      break;
    case ActivationCode::kHardSigmoid: {
      const Vector slope = Set(parameters[0]);
      const Vector offset = Set(parameters[1]);
      ForEachVector(x, y, size, [slope, offset](Vector a) {
        return Min(Set(1.0f), Max(Set(0.0f), MultiplyAdd(slope, a, offset)));
      });
      break;
    }
    default:
      if (x != y) memcpy(y, x, Bytes(RoundUp(size)));
      return ApplyByLibm(activation, y, size);
  }
  ZeroTail(y, size);
}

LSTMD_INLINE void Apply(const Activation& activation, float* values, int size) {
  Apply(activation, values, values, size);
}
