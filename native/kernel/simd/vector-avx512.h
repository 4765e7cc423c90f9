// Sixteen floats: AVX-512 F and DQ. The contracts are in simd/vector.h.
#pragma once

#include <immintrin.h>

#include "simd/target-unit.h"
#include "simd/weights.h"

/// This target computes Exp2 in its own way.
#define LSTMD_OWN_EXP2

namespace lstmd {
namespace {

using Vector = __m512;
inline constexpr int kWidth = 16;
// There are 32 registers.
inline constexpr int kTileLanes = 3;
inline constexpr int kTileSums = 8;
inline constexpr bool kStepsRuns = false;

LSTMD_INLINE __mmask16 FirstMask(int count) { return static_cast<__mmask16>((1u << count) - 1u); }

LSTMD_INLINE Vector Set(float a) { return _mm512_set1_ps(a); }
LSTMD_INLINE Vector Load(const float* p) { return _mm512_load_ps(p); }
LSTMD_INLINE Vector LoadWeights(const float* p) { return _mm512_load_ps(p); }
LSTMD_INLINE Vector LoadWeights(const Int8* p) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
}
LSTMD_INLINE Vector LoadWeights(const Bfloat16* p) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_load_si512(p), 16));
}
LSTMD_INLINE Vector LoadSecondOfPairs(const Bfloat16* p) {
  return _mm512_castsi512_ps(
      _mm512_and_si512(_mm512_load_si512(p), _mm512_set1_epi32(static_cast<int>(0xffff0000))));
}
LSTMD_INLINE Vector LoadUnaligned(const float* p) { return _mm512_loadu_ps(p); }
LSTMD_INLINE Vector LoadFirst(const float* p, int count) {
  return _mm512_maskz_loadu_ps(FirstMask(count), p);
}
LSTMD_INLINE void Store(float* p, Vector a) { _mm512_store_ps(p, a); }
LSTMD_INLINE void StoreUnaligned(float* p, Vector a) { _mm512_storeu_ps(p, a); }
LSTMD_INLINE void StoreFirst(float* p, Vector a, int count) {
  _mm512_mask_storeu_ps(p, FirstMask(count), a);
}
LSTMD_INLINE void KeepInRegister(Vector& a) { asm("" : "+v"(a)); }
LSTMD_INLINE Vector Add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
LSTMD_INLINE Vector Subtract(Vector a, Vector b) { return _mm512_sub_ps(a, b); }
LSTMD_INLINE Vector Multiply(Vector a, Vector b) { return _mm512_mul_ps(a, b); }
LSTMD_INLINE Vector Divide(Vector a, Vector b) { return _mm512_div_ps(a, b); }
LSTMD_INLINE Vector MultiplyAdd(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
LSTMD_INLINE Vector Min(Vector limit, Vector a) { return _mm512_min_ps(limit, a); }
LSTMD_INLINE Vector Max(Vector limit, Vector a) { return _mm512_max_ps(limit, a); }
LSTMD_INLINE Vector Abs(Vector a) { return _mm512_abs_ps(a); }
LSTMD_INLINE Vector SelectAtLeast(Vector a, Vector limit, Vector yes, Vector no) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, limit, _CMP_GE_OQ), no, yes);
}
LSTMD_INLINE Vector SelectFirst(Vector rest, Vector first, int count) {
  return _mm512_mask_blend_ps(FirstMask(count), rest, first);
}
LSTMD_INLINE float Sum(Vector a) { return _mm512_reduce_add_ps(a); }

using VectorMask = __mmask16;
LSTMD_INLINE VectorMask AtMost(Vector a, Vector limit) {
  return _mm512_cmp_ps_mask(a, limit, _CMP_LE_OQ);
}
LSTMD_INLINE VectorMask And(VectorMask a, VectorMask b) { return a & b; }
LSTMD_INLINE bool AllTrue(VectorMask a) { return a == 0xffff; }

/// See exp2-inl.h. The exponent needs no lower limit: the scaling underflows to zero.
LSTMD_INLINE Vector Exp2(float k, Vector x) {
  const Vector y = Min(Set(40.0f), Multiply(Set(k), x));
  // y down to a sixteenth, whose count is left in the low bits, and what is above it.
  const Vector rounded =
      _mm512_add_round_ps(y, Set(1.5f * 0x1p19f), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  const Vector r = _mm512_reduce_ps(y, 4 << 4 | _MM_FROUND_TO_NEG_INF);
  // 2^(j/16)
  const Vector table =
      _mm512_setr_ps(1.0f, 1.04427373f, 1.09050775f, 1.13878858f, 1.18920708f, 1.24185777f,
                     1.29683959f, 1.35425556f, 1.41421354f, 1.47682619f, 1.54221082f, 1.61049032f,
                     1.68179286f, 1.75625217f, 1.8340081f, 1.91520655f);
  const Vector power = _mm512_permutexvar_ps(_mm512_castps_si512(rounded), table);
  const Vector scale = _mm512_scalef_ps(power, y);
  const Vector slope =
      MultiplyAdd(MultiplyAdd(Set(.0566699952f), r, Set(.240184233f)), r, Set(.6931476f));
  return MultiplyAdd(Multiply(scale, r), slope, scale);
}

}  // namespace
}  // namespace lstmd
