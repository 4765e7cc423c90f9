// 2^(k x), from which sigmoid and tanh are made.
//
// Every target has Exp2(k, x): 2^(k x) with k x held from -40 to 40 (AVX-512: at most 40). What a
// float32 sigmoid or tanh is made of does not change beyond that, and a product of three such terms
// does not overflow. NaN stays NaN. The error is about 1e-7 of the result, to which targets without
// fused multiply-adds add the rounding of k x.
//
// This is the Exp2 of the targets that do not define LSTMD_OWN_EXP2. They define instead:
//
//   kExp2Steps                        steps from one whole number to the next, 1 or 8
//   Vector Exp2OfRounded(Vector a)    2^n for a = 1.5 * 2^23 / kExp2Steps + n, whose low bits count
//                                     the steps of n; NaN need not stay NaN
#pragma once

#include "simd/vector.h"

namespace lstmd {
namespace {

#ifndef LSTMD_OWN_EXP2
LSTMD_INLINE Vector Exp2(float k, Vector x) {
  const float most = 40.0f / __builtin_fabsf(k);
  x = Min(Set(most), Max(Set(-most), x));
  // A number as large as this has no room for fractions of a step, so the sum rounds to steps. With
  // fused multiply-adds the remainder has no rounding error of k x in it.
  const Vector magic = Set(1.5f * 0x1p23f / kExp2Steps);
  const Vector rounded = MultiplyAdd(x, Set(k), magic);
  const Vector r = MultiplyAdd(x, Set(k), Subtract(magic, rounded));
  const Vector scale = Exp2OfRounded(rounded);
  if constexpr (kExp2Steps == 8) {
    const Vector slope =
        MultiplyAdd(MultiplyAdd(Set(.0554887727f), r, Set(.240257517f)), r, Set(.693147242f));
    return MultiplyAdd(Multiply(scale, r), slope, scale);
  }
  // Degree 6 in Estrin's scheme, because over many steps of a model the error of degree 5 adds up.
  const Vector r2 = Multiply(r, r);
  const Vector p01 = MultiplyAdd(Set(.693147203f), r, Set(1.0f));
  const Vector p23 = MultiplyAdd(Set(.0555033247f), r, Set(.240226479f));
  const Vector p45 = MultiplyAdd(Set(.00133988748f), r, Set(.00961843736f));
  const Vector p456 = MultiplyAdd(Set(.000153533629f), r2, p45);
  return Multiply(MultiplyAdd(MultiplyAdd(p456, r2, p23), r2, p01), scale);
}
#endif

LSTMD_INLINE Vector Exp2(float k, Vector x);

}  // namespace
}  // namespace lstmd
