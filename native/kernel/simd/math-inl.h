// Functions that are written once for the vectors of all targets.
#pragma once

#include "simd/exp2-inl.h"
#include "simd/vector.h"

namespace lstmd {
namespace {

inline constexpr float kLog2E = 1.44269504f;

/// The alignment of vectors on the stack.
inline constexpr int kVectorBytes = kWidth * static_cast<int>(sizeof(float));

/// A vector, or the first `count` floats where there are fewer.
LSTMD_INLINE Vector LoadUpTo(const float* p, int count) {
  return count >= kWidth ? LoadUnaligned(p) : LoadFirst(p, count);
}

/// A vector, or the first `count` elements where there is room for fewer.
LSTMD_INLINE void StoreUpTo(float* p, Vector a, int count) {
  if (count >= kWidth) {
    StoreUnaligned(p, a);
  } else {
    StoreFirst(p, a, count);
  }
}

LSTMD_INLINE unsigned Bytes(int floats) { return static_cast<unsigned>(floats) * sizeof(float); }

/// `count` floats up to whole vectors.
LSTMD_INLINE int RoundUp(int count) { return (count + kWidth - 1) & -kWidth; }

/// Puts zeros after the last of `size` floats, up to a whole vector, as every buffer of the
/// workspace has them.
LSTMD_INLINE void ZeroTail(float* buffer, int size) {
  const int count = size & (kWidth - 1);
  if (count == 0) return;
  float* const last = buffer + size - count;
  Store(last, SelectFirst(Set(0.0f), Load(last), count));
}

LSTMD_INLINE Vector Sigmoid(Vector x) {
  const Vector one = Set(1.0f);
  return Divide(one, Add(one, Exp2(-kLog2E, x)));
}

LSTMD_INLINE Vector Tanh(Vector x) {
  const Vector one = Set(1.0f);
  const Vector e = Exp2(-2.0f * kLog2E, x);
  return Divide(Subtract(one, e), Add(one, e));
}

}  // namespace
}  // namespace lstmd
