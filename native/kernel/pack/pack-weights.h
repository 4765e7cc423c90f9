#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "format/codes.h"
#include "simd/weights.h"

namespace lstmd {

/// The bytes of one weight.
inline std::int64_t BytesOf(WeightFormat format) {
  return format == WeightFormat::kFloat32 ? 4 : format == WeightFormat::kBfloat16 ? 2 : 1;
}

/// Rows of weights that lie interleaved: bfloat16 has each weight beside that of the next row,
/// which costs less to expand.
inline int InterleavedRows(WeightFormat format) {
  return format == WeightFormat::kBfloat16 ? 2 : 1;
}

/// The count of rows with those of padding.
inline int PaddedRows(WeightFormat format, int rows) {
  return (rows + InterleavedRows(format) - 1) / InterleavedRows(format) * InterleavedRows(format);
}

/// The number whose multiples a unit's weights are, where the largest of them is `largest`. A scale
/// that would be a denormal is 0, and so are its weights.
inline float ScaleOf(WeightFormat format, float largest) {
  if (format != WeightFormat::kInt8) return 1;
  const float scale = largest / kLargestInt8;
  return scale >= std::numeric_limits<float>::min() ? scale : 0;
}

/// Rounds to the nearest, of two equally near to the even one; what would round to infinity is cut
/// off to the largest finite number.
inline Bfloat16 ToBfloat16(float weight) {
  std::uint32_t bits;
  std::memcpy(&bits, &weight, sizeof bits);
  const std::uint32_t rounded = bits + 0x7fff + (bits >> 16 & 1);
  const bool is_finite = (rounded & 0x7f800000) != 0x7f800000;
  return {static_cast<std::uint16_t>((is_finite ? rounded : bits) >> 16)};
}

inline Int8 ToInt8(float weight, float scale) {
  return {static_cast<std::int8_t>(scale == 0 ? 0 : std::lround(weight / scale))};
}

template <typename Value>
unsigned char* WriteValue(Value value, unsigned char* next) {
  std::memcpy(next, &value, sizeof value);
  return next + sizeof value;
}

/// Writes one weight, and returns the place after it.
inline unsigned char* WriteWeight(WeightFormat format, float weight, float scale,
                                  unsigned char* next) {
  switch (format) {
    case WeightFormat::kFloat32:
      break;
    case WeightFormat::kBfloat16:
      return WriteValue(ToBfloat16(weight), next);
    case WeightFormat::kInt8:
      return WriteValue(ToInt8(weight, scale), next);
  }
  return WriteValue(weight, next);
}

}  // namespace lstmd
