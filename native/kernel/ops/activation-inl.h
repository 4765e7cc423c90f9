// Activations in vectors. Included by step-inl.h.

/// y = function(x). A function for each, so that none sets up what only another needs.
template <typename Function>
[[gnu::noinline]] void ForEachVector(const float* x, float* y, int size, Function function) {
  for (int i = 0; i < size; i += kWidth) Store(y + i, function(Load(x + i)));
  ZeroTail(y, size);
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

/// Keras' hard sigmoid, of any version.
struct HardSigmoid {
  Vector slope, offset;

  explicit HardSigmoid(const Activation& activation)
      : slope(Set(activation.parameters[0])), offset(Set(activation.parameters[1])) {}

  [[gnu::always_inline]] Vector operator()(Vector a) const {
    return Min(Set(1.0f), Max(Set(0.0f), MultiplyAdd(slope, a, offset)));
  }
};

/// y = f(x), in place or not; both are buffers of whole vectors, of which `size` floats count.
void Apply(const Activation& activation, const float* x, float* y, int size) {
  switch (activation.code) {
    case ActivationCode::kSigmoid:
      return ForEachVector(x, y, size, [](Vector a) { return Sigmoid(a); });
    case ActivationCode::kTanh:
      return ForEachVector(x, y, size, [](Vector a) { return Tanh(a); });
    case ActivationCode::kSoftsign:
      return ForEachVector(x, y, size, [](Vector a) { return Divide(a, Add(Set(1.0f), Abs(a))); });
    case ActivationCode::kRelu:
      return ForEachVector(x, y, size, Relu(activation));
    case ActivationCode::kHardSigmoid:
      return ForEachVector(x, y, size, HardSigmoid(activation));
    default:
      if (x != y) memcpy(y, x, Bytes(RoundUp(size)));
      if (activation.code != ActivationCode::kLinear) ApplyByLibm(activation, y, size);
  }
}

LSTMD_INLINE void Apply(const Activation& activation, float* values, int size) {
  Apply(activation, values, values, size);
}
