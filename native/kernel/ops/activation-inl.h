// The activations that have a vector form.
#pragma once

#include "format/activation.h"
#include "ops/activation-libm.h"
#include "simd/math-inl.h"

namespace lstmd {
namespace {

/// y = function(x). It is no inlined function, so that no activation sets up what only another
/// needs.
template <typename Function>
[[gnu::noinline]] void ForEachVector(const float* x, float* y, int size, Function function) {
  for (int i = 0; i < size; i += kWidth) Store(y + i, function(Load(x + i)));
  ZeroTail(y, size);
}

/// Keras's ReLU with its slope, threshold and maximum.
struct Relu {
  Vector slope, threshold, most;

  explicit Relu(const Activation& activation)
      : slope(Set(activation.parameters[0])),
        threshold(Set(activation.parameters[1])),
        most(Set(activation.parameters[2])) {}

  [[gnu::always_inline]] Vector operator()(Vector a) const {
    const Vector below = Multiply(slope, Subtract(a, threshold));
    return SelectAtLeast(a, most, most, SelectAtLeast(a, threshold, a, below));
  }
};

/// Keras's hard sigmoid: its versions differ in slope and offset.
struct HardSigmoid {
  Vector slope, offset;

  explicit HardSigmoid(const Activation& activation)
      : slope(Set(activation.parameters[0])), offset(Set(activation.parameters[1])) {}

  [[gnu::always_inline]] Vector operator()(Vector a) const {
    return Min(Set(1.0f), Max(Set(0.0f), MultiplyAdd(slope, a, offset)));
  }
};

struct Affine {
  Vector slope, offset;

  explicit Affine(const Activation& activation)
      : slope(Set(activation.parameters[0])), offset(Set(activation.parameters[1])) {}

  [[gnu::always_inline]] Vector operator()(Vector a) const { return MultiplyAdd(slope, a, offset); }
};

struct ScaledTanh {
  Vector scale, slope;

  explicit ScaledTanh(const Activation& activation)
      : scale(Set(activation.parameters[0])), slope(Set(activation.parameters[1])) {}

  [[gnu::always_inline]] Vector operator()(Vector a) const {
    return Multiply(scale, Tanh(Multiply(slope, a)));
  }
};

struct Clip {
  Vector least, most;

  explicit Clip(const Activation& activation)
      : least(Set(activation.parameters[0])), most(Set(activation.parameters[1])) {}

  [[gnu::always_inline]] Vector operator()(Vector a) const { return Min(most, Max(least, a)); }
};

/// y = f(x) of `size` floats, in place or not. Both are buffers of whole vectors.
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
    case ActivationCode::kAbsolute:
      return ForEachVector(x, y, size, [](Vector a) { return Abs(a); });
    case ActivationCode::kSquare:
      return ForEachVector(x, y, size, [](Vector a) { return Multiply(a, a); });
    case ActivationCode::kClip:
      return ForEachVector(x, y, size, Clip(activation));
    case ActivationCode::kAffine:
      return ForEachVector(x, y, size, Affine(activation));
    case ActivationCode::kScaledTanh:
      return ForEachVector(x, y, size, ScaledTanh(activation));
    default:
      if (x != y) memcpy(y, x, Bytes(RoundUp(size)));
      if (activation.code != ActivationCode::kLinear) ApplyByLibm(activation, y, size);
  }
}

LSTMD_INLINE void Apply(const Activation& activation, float* values, int size) {
  Apply(activation, values, values, size);
}

}  // namespace
}  // namespace lstmd
