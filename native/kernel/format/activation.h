#pragma once

#include "format/codes.h"

namespace lstmd {

/// An elementwise function, or one over a whole value.
struct Activation {
  ActivationCode code;
  /// In the order of src/engine/native/program-encoding.ts.
  float parameters[3];
  /// Only sparsemax, once packed: as many floats as the value has.
  float* scratch;
};

/// The activations that have no vector form: float64 inside, in place over `size` values.
void ApplyByLibm(const Activation& activation, float* values, int size);

}  // namespace lstmd
