// Four floats: SSE2, which every x86-64 has. The contracts are in simd/vector.h.
#pragma once

#include <immintrin.h>

#include "simd/target-unit.h"
#include "simd/weights.h"

namespace lstmd {
namespace {

using Vector = __m128;
inline constexpr int kWidth = 4;
// There are 16 registers, and products take one of them.
inline constexpr int kTileLanes = 2;
inline constexpr int kTileSums = 4;
inline constexpr bool kStepsRuns = true;

LSTMD_INLINE Vector Set(float a) { return _mm_set1_ps(a); }
LSTMD_INLINE Vector Load(const float* p) { return _mm_load_ps(p); }
LSTMD_INLINE Vector LoadWeights(const float* p) { return _mm_load_ps(p); }
LSTMD_INLINE Vector LoadWeights(const Int8* p) {
  int four;
  memcpy(&four, p, sizeof four);
  const __m128i bytes = _mm_cvtsi32_si128(four);
  // Each byte to the top of its word, from where the shift brings its sign down.
  const __m128i halves = _mm_unpacklo_epi8(bytes, bytes);
  return _mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpacklo_epi16(halves, halves), 24));
}
LSTMD_INLINE Vector LoadWeights(const Bfloat16* p) {
  const __m128i pairs = _mm_load_si128(reinterpret_cast<const __m128i*>(p));
  return _mm_castsi128_ps(_mm_slli_epi32(pairs, 16));
}
LSTMD_INLINE Vector LoadSecondOfPairs(const Bfloat16* p) {
  const __m128i pairs = _mm_load_si128(reinterpret_cast<const __m128i*>(p));
  return _mm_castsi128_ps(_mm_and_si128(pairs, _mm_set1_epi32(static_cast<int>(0xffff0000))));
}
LSTMD_INLINE Vector LoadUnaligned(const float* p) { return _mm_loadu_ps(p); }
LSTMD_INLINE Vector LoadFirst(const float* p, int count) {
  return _mm_setr_ps(p[0], count > 1 ? p[1] : 0, count > 2 ? p[2] : 0, 0);
}
LSTMD_INLINE void Store(float* p, Vector a) { _mm_store_ps(p, a); }
LSTMD_INLINE void StoreUnaligned(float* p, Vector a) { _mm_storeu_ps(p, a); }
LSTMD_INLINE void StoreFirst(float* p, Vector a, int count) {
  alignas(16) float values[kWidth];
  Store(values, a);
  memcpy(p, values, static_cast<unsigned>(count) * sizeof(float));
}
LSTMD_INLINE void KeepInRegister(Vector& a) { asm("" : "+x"(a)); }
LSTMD_INLINE Vector Add(Vector a, Vector b) { return _mm_add_ps(a, b); }
LSTMD_INLINE Vector Subtract(Vector a, Vector b) { return _mm_sub_ps(a, b); }
LSTMD_INLINE Vector Multiply(Vector a, Vector b) { return _mm_mul_ps(a, b); }
LSTMD_INLINE Vector Divide(Vector a, Vector b) { return _mm_div_ps(a, b); }
LSTMD_INLINE Vector MultiplyAdd(Vector a, Vector b, Vector c) {
  return _mm_add_ps(_mm_mul_ps(a, b), c);
}
LSTMD_INLINE Vector Min(Vector limit, Vector a) { return _mm_min_ps(limit, a); }
LSTMD_INLINE Vector Max(Vector limit, Vector a) { return _mm_max_ps(limit, a); }
LSTMD_INLINE Vector Abs(Vector a) { return _mm_andnot_ps(Set(-0.0f), a); }
LSTMD_INLINE Vector SelectAtLeast(Vector a, Vector limit, Vector yes, Vector no) {
  const Vector is_at_least = _mm_cmpge_ps(a, limit);
  return _mm_or_ps(_mm_and_ps(is_at_least, yes), _mm_andnot_ps(is_at_least, no));
}
LSTMD_INLINE Vector SelectFirst(Vector rest, Vector first, int count) {
  const Vector mask =
      _mm_castsi128_ps(_mm_cmpgt_epi32(_mm_set1_epi32(count), _mm_setr_epi32(0, 1, 2, 3)));
  return _mm_or_ps(_mm_and_ps(mask, first), _mm_andnot_ps(mask, rest));
}
LSTMD_INLINE float Sum(Vector a) {
  const Vector pairs = _mm_add_ps(a, _mm_movehl_ps(a, a));
  return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_shuffle_ps(pairs, pairs, 1)));
}

using VectorMask = __m128;
LSTMD_INLINE VectorMask AtMost(Vector a, Vector limit) { return _mm_cmple_ps(a, limit); }
LSTMD_INLINE VectorMask And(VectorMask a, VectorMask b) { return _mm_and_ps(a, b); }
LSTMD_INLINE bool AllTrue(VectorMask a) { return _mm_movemask_ps(a) == 0xf; }

inline constexpr int kExp2Steps = 1;
LSTMD_INLINE Vector Exp2OfRounded(Vector rounded) {
  const __m128i exponent = _mm_slli_epi32(_mm_castps_si128(rounded), 23);
  return _mm_castsi128_ps(_mm_add_epi32(exponent, _mm_set1_epi32(0x3f800000)));
}

}  // namespace
}  // namespace lstmd
