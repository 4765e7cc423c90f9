// Four floats: Advanced SIMD, which every AArch64 has. The contracts are in simd/vector.h.
#pragma once

#include <arm_neon.h>

#include "simd/target-unit.h"
#include "simd/weights.h"

namespace lstmd {
namespace {

using Vector = float32x4_t;
inline constexpr int kWidth = 4;
// There are 32 registers.
inline constexpr int kTileLanes = 3;
inline constexpr int kTileSums = 8;
inline constexpr bool kStepsRuns = false;

LSTMD_INLINE Vector Set(float a) { return vdupq_n_f32(a); }
LSTMD_INLINE Vector Load(const float* p) { return vld1q_f32(p); }
LSTMD_INLINE Vector LoadWeights(const float* p) { return vld1q_f32(p); }
LSTMD_INLINE Vector LoadWeights(const Int8* p) {
  int four;
  memcpy(&four, p, sizeof four);
  const int8x8_t bytes = vreinterpret_s8_s32(vdup_n_s32(four));
  return vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(bytes))));
}
LSTMD_INLINE Vector LoadWeights(const Bfloat16* p) {
  const uint32x4_t pairs = vreinterpretq_u32_u16(vld1q_u16(&p->bits));
  return vreinterpretq_f32_u32(vshlq_n_u32(pairs, 16));
}
LSTMD_INLINE Vector LoadSecondOfPairs(const Bfloat16* p) {
  const uint32x4_t pairs = vreinterpretq_u32_u16(vld1q_u16(&p->bits));
  return vreinterpretq_f32_u32(vandq_u32(pairs, vdupq_n_u32(0xffff0000)));
}
LSTMD_INLINE Vector LoadUnaligned(const float* p) { return vld1q_f32(p); }
LSTMD_INLINE Vector LoadFirst(const float* p, int count) {
  alignas(16) float values[kWidth] = {};
  memcpy(values, p, static_cast<unsigned>(count) * sizeof(float));
  return Load(values);
}
LSTMD_INLINE void Store(float* p, Vector a) { vst1q_f32(p, a); }
LSTMD_INLINE void StoreUnaligned(float* p, Vector a) { vst1q_f32(p, a); }
LSTMD_INLINE void StoreFirst(float* p, Vector a, int count) {
  alignas(16) float values[kWidth];
  Store(values, a);
  memcpy(p, values, static_cast<unsigned>(count) * sizeof(float));
}
LSTMD_INLINE void KeepInRegister(Vector& a) { asm("" : "+w"(a)); }
LSTMD_INLINE Vector Add(Vector a, Vector b) { return vaddq_f32(a, b); }
LSTMD_INLINE Vector Subtract(Vector a, Vector b) { return vsubq_f32(a, b); }
LSTMD_INLINE Vector Multiply(Vector a, Vector b) { return vmulq_f32(a, b); }
LSTMD_INLINE Vector Divide(Vector a, Vector b) { return vdivq_f32(a, b); }
LSTMD_INLINE Vector MultiplyAdd(Vector a, Vector b, Vector c) { return vfmaq_f32(c, a, b); }
LSTMD_INLINE Vector Min(Vector limit, Vector a) { return vminq_f32(limit, a); }
LSTMD_INLINE Vector Max(Vector limit, Vector a) { return vmaxq_f32(limit, a); }
LSTMD_INLINE Vector Abs(Vector a) { return vabsq_f32(a); }
LSTMD_INLINE Vector SelectAtLeast(Vector a, Vector limit, Vector yes, Vector no) {
  return vbslq_f32(vcgeq_f32(a, limit), yes, no);
}
LSTMD_INLINE Vector SelectFirst(Vector rest, Vector first, int count) {
  const int32x4_t places = {0, 1, 2, 3};
  return vbslq_f32(vcgtq_s32(vdupq_n_s32(count), places), first, rest);
}
LSTMD_INLINE float Sum(Vector a) { return vaddvq_f32(a); }

using VectorMask = uint32x4_t;
LSTMD_INLINE VectorMask AtMost(Vector a, Vector limit) { return vcleq_f32(a, limit); }
LSTMD_INLINE VectorMask And(VectorMask a, VectorMask b) { return vandq_u32(a, b); }
LSTMD_INLINE bool AllTrue(VectorMask a) { return vminvq_u32(a) != 0; }

inline constexpr int kExp2Steps = 1;
LSTMD_INLINE Vector Exp2OfRounded(Vector rounded) {
  const uint32x4_t exponent = vshlq_n_u32(vreinterpretq_u32_f32(rounded), 23);
  return vreinterpretq_f32_u32(vaddq_u32(exponent, vdupq_n_u32(0x3f800000)));
}

}  // namespace
}  // namespace lstmd
