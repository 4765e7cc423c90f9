#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "format/codes.h"
#include "pack/weights.h"

namespace lstmd {

/// Of one weight.
inline std::int64_t BytesOf(WeightFormat format) {
  return format == WeightFormat::kFloat32 ? 4 : format == WeightFormat::kBfloat16 ? 2 : 1;
}

/// Rows of weights that lie together: bfloat16 has each weight beside that of the next row, which
/// costs less to expand.
inline int RowsTogether(WeightFormat format) { return format == WeightFormat::kBfloat16 ? 2 : 1; }

/// So many rows, those of padding included.
inline int PaddedRows(WeightFormat format, int rows) {
  return (rows + RowsTogether(format) - 1) / RowsTogether(format) * RowsTogether(format);
}

/// What a unit's weights are multiples of, where the largest of them is `largest`. A scale that
/// would be a denormal is none: such weights are zeros.
inline float ScaleOf(WeightFormat format, float largest) {
  if (format != WeightFormat::kInt8) return 1;
  const float scale = largest / kLargestInt8;
  return scale >= std::numeric_limits<float>::min() ? scale : 0;
}

/// To the nearest, of two as near the even one; what would be infinite is the largest there is.
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

/// Writes one weight; returns what follows it.
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
