// Activations in vectors. Included by step-inl.h.

template <typename Function>
LSTMD_INLINE void ForEachVector(float* values, int size, Function function) {
  for (int i = 0; i < size; i += kWidth) Store(values + i, function(Load(values + i)));
}

/// In place; `values` is a buffer of whole vectors, of which `size` floats count.
void Apply(const Activation& activation, float* values, int size) {
  const float* const parameters = activation.parameters;
  switch (activation.code) {
    case ActivationCode::kLinear:
      return;
    case ActivationCode::kSigmoid:
      ForEachVector(values, size, [](Vector x) { return Sigmoid(x); });
      break;
    case ActivationCode::kTanh:
      ForEachVector(values, size, [](Vector x) { return Tanh(x); });
      break;
    case ActivationCode::kSoftsign:
      ForEachVector(values, size, [](Vector x) { return Divide(x, Add(Set(1.0f), Abs(x))); });
      break;
    case ActivationCode::kRelu: {
      const Vector slope = Set(parameters[0]);
      const Vector threshold = Set(parameters[1]);
      const Vector most = Set(parameters[2]);
      ForEachVector(values, size, [slope, threshold, most](Vector x) {
        const Vector below = Multiply(slope, Subtract(x, threshold));
        return WhereAtLeast(x, most, most, WhereAtLeast(x, threshold, x, below));
      });
      break;
    }
    case ActivationCode::kHardSigmoid: {
      const Vector slope = Set(parameters[0]);
      const Vector offset = Set(parameters[1]);
      ForEachVector(values, size, [slope, offset](Vector x) {
        return Min(Set(1.0f), Max(Set(0.0f), MultiplyAdd(slope, x, offset)));
      });
      break;
    }
    default:
      return ApplyByLibm(activation, values, size);
  }
  ZeroTail(values, size);
}
