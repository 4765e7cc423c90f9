#pragma once

#include "format/codes.h"

namespace lstmd {

/// An elementwise function, or one over a whole value.
struct Activation {
  ActivationCode code;
  /// In the order of src/engine/native/activation-encoding.ts.
  float parameters[3];
  /// For a packed sparsemax, as many floats as the value has; null for any other.
  float* scratch;
};

}  // namespace lstmd
