#pragma once

#include "format/activation.h"

namespace lstmd {

/// Applies an activation that has no vector form, in place over `size` values: computed in float64
/// with the C library's functions. One that has a vector form (ops/activation-inl.h) is left out.
void ApplyByLibm(const Activation& activation, float* values, int size);

}  // namespace lstmd
