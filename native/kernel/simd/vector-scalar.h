// A "vector" of one float, which every machine has. The contracts are in simd/vector.h.
#pragma once

#include "simd/target-unit.h"
#include "simd/weights.h"

namespace lstmd {
namespace {

using Vector = float;
inline constexpr int kWidth = 1;
// There are 16 registers, and products take one of them.
inline constexpr int kTileLanes = 2;
inline constexpr int kTileSums = 4;
inline constexpr bool kStepsRuns = false;

LSTMD_INLINE Vector Set(float a) { return a; }
LSTMD_INLINE Vector Load(const float* p) { return *p; }
LSTMD_INLINE Vector LoadWeights(const float* p) { return *p; }
LSTMD_INLINE Vector LoadWeights(const Bfloat16* p) {
  const unsigned bits = static_cast<unsigned>(p->bits) << 16;
  float weight;
  memcpy(&weight, &bits, sizeof weight);
  return weight;
}
LSTMD_INLINE Vector LoadSecondOfPairs(const Bfloat16* p) { return LoadWeights(p + 1); }
LSTMD_INLINE Vector LoadWeights(const Int8* p) { return static_cast<float>(p->value); }
LSTMD_INLINE Vector LoadUnaligned(const float* p) { return *p; }
LSTMD_INLINE Vector LoadFirst(const float* p, int) { return *p; }
LSTMD_INLINE void Store(float* p, Vector a) { *p = a; }
LSTMD_INLINE void StoreUnaligned(float* p, Vector a) { *p = a; }
LSTMD_INLINE void StoreFirst(float* p, Vector a, int) { *p = a; }
LSTMD_INLINE void KeepInRegister(Vector&) {}
LSTMD_INLINE Vector Add(Vector a, Vector b) { return a + b; }
LSTMD_INLINE Vector Subtract(Vector a, Vector b) { return a - b; }
LSTMD_INLINE Vector Multiply(Vector a, Vector b) { return a * b; }
LSTMD_INLINE Vector Divide(Vector a, Vector b) { return a / b; }
LSTMD_INLINE Vector MultiplyAdd(Vector a, Vector b, Vector c) { return a * b + c; }
LSTMD_INLINE Vector Min(Vector limit, Vector a) { return a > limit ? limit : a; }
LSTMD_INLINE Vector Max(Vector limit, Vector a) { return a < limit ? limit : a; }
LSTMD_INLINE Vector Abs(Vector a) { return __builtin_fabsf(a); }
LSTMD_INLINE Vector SelectAtLeast(Vector a, Vector limit, Vector yes, Vector no) {
  return a >= limit ? yes : no;
}
LSTMD_INLINE Vector SelectFirst(Vector rest, Vector first, int count) {
  return count > 0 ? first : rest;
}
LSTMD_INLINE float Sum(Vector a) { return a; }

using VectorMask = bool;
LSTMD_INLINE VectorMask AtMost(Vector a, Vector limit) { return a <= limit; }
LSTMD_INLINE VectorMask And(VectorMask a, VectorMask b) { return a && b; }
LSTMD_INLINE bool AllTrue(VectorMask a) { return a; }

inline constexpr int kExp2Steps = 1;
LSTMD_INLINE Vector Exp2OfRounded(Vector rounded) {
  unsigned bits;
  memcpy(&bits, &rounded, sizeof bits);
  bits = (bits << 23) + 0x3f800000u;
  float power;
  memcpy(&power, &bits, sizeof power);
  return power;
}

}  // namespace
}  // namespace lstmd
