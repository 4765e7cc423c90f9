// Eight floats: AVX2 and FMA. The contracts are in simd/vector.h.
#pragma once

#include <immintrin.h>

#include "simd/target-unit.h"
#include "simd/weights.h"

namespace lstmd {
namespace {

using Vector = __m256;
inline constexpr int kWidth = 8;
// There are 16 registers.
inline constexpr int kTileLanes = 3;
inline constexpr int kTileSums = 4;
inline constexpr bool kStepsRuns = true;

LSTMD_INLINE __m256i FirstMask(int count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

LSTMD_INLINE Vector Set(float a) { return _mm256_set1_ps(a); }
LSTMD_INLINE Vector Load(const float* p) { return _mm256_load_ps(p); }
LSTMD_INLINE Vector LoadWeights(const float* p) { return _mm256_load_ps(p); }
LSTMD_INLINE Vector LoadWeights(const Int8* p) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
}
LSTMD_INLINE Vector LoadWeights(const Bfloat16* p) {
  const __m256i pairs = _mm256_load_si256(reinterpret_cast<const __m256i*>(p));
  return _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16));
}
LSTMD_INLINE Vector LoadSecondOfPairs(const Bfloat16* p) {
  const __m256i pairs = _mm256_load_si256(reinterpret_cast<const __m256i*>(p));
  return _mm256_castsi256_ps(
      _mm256_and_si256(pairs, _mm256_set1_epi32(static_cast<int>(0xffff0000))));
}
LSTMD_INLINE Vector LoadUnaligned(const float* p) { return _mm256_loadu_ps(p); }
LSTMD_INLINE Vector LoadFirst(const float* p, int count) {
  return _mm256_maskload_ps(p, FirstMask(count));
}
LSTMD_INLINE void Store(float* p, Vector a) { _mm256_store_ps(p, a); }
LSTMD_INLINE void StoreUnaligned(float* p, Vector a) { _mm256_storeu_ps(p, a); }
LSTMD_INLINE void StoreFirst(float* p, Vector a, int count) {
  _mm256_maskstore_ps(p, FirstMask(count), a);
}
LSTMD_INLINE void KeepInRegister(Vector& a) { asm("" : "+x"(a)); }
LSTMD_INLINE Vector Add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
LSTMD_INLINE Vector Subtract(Vector a, Vector b) { return _mm256_sub_ps(a, b); }
LSTMD_INLINE Vector Multiply(Vector a, Vector b) { return _mm256_mul_ps(a, b); }
LSTMD_INLINE Vector Divide(Vector a, Vector b) { return _mm256_div_ps(a, b); }
LSTMD_INLINE Vector MultiplyAdd(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
LSTMD_INLINE Vector Min(Vector limit, Vector a) { return _mm256_min_ps(limit, a); }
LSTMD_INLINE Vector Max(Vector limit, Vector a) { return _mm256_max_ps(limit, a); }
LSTMD_INLINE Vector Abs(Vector a) { return _mm256_andnot_ps(Set(-0.0f), a); }
LSTMD_INLINE Vector SelectAtLeast(Vector a, Vector limit, Vector yes, Vector no) {
  return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, limit, _CMP_GE_OQ));
}
LSTMD_INLINE Vector SelectFirst(Vector rest, Vector first, int count) {
  return _mm256_blendv_ps(rest, first, _mm256_castsi256_ps(FirstMask(count)));
}
LSTMD_INLINE float Sum(Vector a) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

using VectorMask = __m256;
LSTMD_INLINE VectorMask AtMost(Vector a, Vector limit) {
  return _mm256_cmp_ps(a, limit, _CMP_LE_OQ);
}
LSTMD_INLINE VectorMask And(VectorMask a, VectorMask b) { return _mm256_and_ps(a, b); }
LSTMD_INLINE bool AllTrue(VectorMask a) { return _mm256_movemask_ps(a) == 0xff; }

inline constexpr int kExp2Steps = 8;
LSTMD_INLINE Vector Exp2OfRounded(Vector rounded) {
  // 2^(j/8) less what the three bits of j add below the exponent.
  const __m256i table = _mm256_setr_epi32(0x3f800000, 0x3f7b95c2, 0x3f7837f0, 0x3f75fed7,
                                          0x3f7504f3, 0x3f75672a, 0x3f7744fd, 0x3f7ac0c7);
  const __m256i n = _mm256_castps_si256(rounded);
  return _mm256_castsi256_ps(
      _mm256_add_epi32(_mm256_permutevar8x32_epi32(table, n), _mm256_slli_epi32(n, 20)));
}

}  // namespace
}  // namespace lstmd
