#pragma once

#include "format.h"

namespace lstmd {

/// An elementwise function, or softmax over a whole value.
struct Activation {
  ActivationCode code;
  /// elu: alpha; relu: negative slope, threshold, maximum; hardSigmoid: slope, offset.
  float parameters[3];
};

/// The activations that have no vector form: float64 inside, in place over `size` values.
void ApplyByLibm(const Activation& activation, float* values, int size);

}  // namespace lstmd
