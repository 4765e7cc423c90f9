// Weights that are smaller than float32, in memory. Plain data only: the targets' units read them.
#pragma once

#include <cstdint>

namespace lstmd {

/// The upper half of a float32.
struct Bfloat16 {
  std::uint16_t bits;
};

/// A whole number, to be multiplied by the scale of its unit.
struct Int8 {
  std::int8_t value;
};

inline constexpr int kLargestInt8 = 127;

}  // namespace lstmd
