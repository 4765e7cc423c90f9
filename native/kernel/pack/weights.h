// Weights that are not float32, in memory. Plain data: see packed.h.
#pragma once

#include <cstdint>

namespace lstmd {

/// The upper half of a float32.
struct Bfloat16 {
  std::uint16_t bits;
};

/// A whole number of the unit's scale.
struct Int8 {
  std::int8_t value;
};

inline constexpr int kLargestInt8 = 127;

}  // namespace lstmd
