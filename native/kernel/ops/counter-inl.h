// Counters in the state.
#pragma once

#include "simd/target-unit.h"

namespace lstmd {
namespace {

/// A counter of the state, from 0 to `most`. It may come from a damaged file: -1 where it is no
/// such number.
LSTMD_INLINE int ReadCounter(const float* counter, int most) {
  // Also false for NaN, whose conversion to int is undefined.
  if (!(*counter >= 0 && *counter <= static_cast<float>(most))) return -1;
  const int count = static_cast<int>(*counter);
  return static_cast<float>(count) == *counter ? count : -1;
}

LSTMD_INLINE void WriteCounter(float* counter, int count) { *counter = static_cast<float>(count); }

}  // namespace
}  // namespace lstmd
