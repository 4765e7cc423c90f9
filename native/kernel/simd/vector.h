// The vectors of one SIMD target, and what every target owes: the functions declared below, with
// exactly these types. The unit of a target defines LSTMD_VECTOR_HEADER; a file that is opened
// alone gets the vectors of one float.
//
// How to add a function or a target is in CONTRIBUTING.md. native/test/vector-test.cpp tests each
// function on each target that the CPU has.
//
// A target's header defines, in an anonymous namespace in lstmd:
//
//   Vector          kWidth floats
//   VectorMask      a truth value for each of a vector's elements
//   kWidth          a power of two, 16 at most
//   kTileLanes      lanes that share each load of a weight; it divides kMaxGroup
//   kTileSums       vectors of sums that the registers hold for each lane of such a tile: 8 or 4
//   kStepsRuns      whether consecutive samples are stepped an operation after the other, where
//                   that was measured not to be slower: docs/performance.md
//   LSTMD_OWN_EXP2  and Exp2, or else kExp2Steps and Exp2OfRounded: see simd/exp2-inl.h
//
// Where nothing is said of NaN, an element of the result is NaN where that element of an argument
// is NaN, and -0 and infinities are as IEEE 754 has them. Denormals may be taken as zeros: while a
// program steps they are (run/program.cpp). Aligned means to the size of a vector.
#pragma once

#include "simd/target-unit.h"
#include "simd/weights.h"

#ifndef LSTMD_VECTOR_HEADER
#define LSTMD_VECTOR_HEADER "simd/vector-scalar.h"
#endif
#include LSTMD_VECTOR_HEADER

// A function that a target lacks, or has with other types, is declared here and never defined: its
// unit does not compile.
namespace lstmd {
namespace {

/// `a` in every element.
LSTMD_INLINE Vector Set(float a);

/// kWidth floats from an aligned address.
LSTMD_INLINE Vector Load(const float* p);
/// kWidth floats from any address.
LSTMD_INLINE Vector LoadUnaligned(const float* p);
/// The first `count` floats, from 1 to kWidth - 1, and zeros after them. It touches no memory
/// beyond them. With vectors of one float it is never called.
LSTMD_INLINE Vector LoadFirst(const float* p, int count);

/// kWidth weights as floats, without their scale. Those of float32 and the pairs of bfloat16 are
/// aligned; those of int8 are at any address.
LSTMD_INLINE Vector LoadWeights(const float* p);
LSTMD_INLINE Vector LoadWeights(const Int8* p);
/// The first of each of kWidth interleaved pairs, as floats, exactly.
LSTMD_INLINE Vector LoadWeights(const Bfloat16* p);
/// The second of each of kWidth interleaved pairs, as floats, exactly.
LSTMD_INLINE Vector LoadSecondOfPairs(const Bfloat16* p);

/// To an aligned address.
LSTMD_INLINE void Store(float* p, Vector a);
/// To any address.
LSTMD_INLINE void StoreUnaligned(float* p, Vector a);
/// The first `count` elements, from 1 to kWidth - 1. It leaves the memory beyond them as it is.
/// With vectors of one float it is never called.
LSTMD_INLINE void StoreFirst(float* p, Vector a, int count);

/// Makes the compiler keep a value in a register, where it would load it anew for each use.
LSTMD_INLINE void KeepInRegister(Vector& a);

LSTMD_INLINE Vector Add(Vector a, Vector b);
LSTMD_INLINE Vector Subtract(Vector a, Vector b);
LSTMD_INLINE Vector Multiply(Vector a, Vector b);
LSTMD_INLINE Vector Divide(Vector a, Vector b);
/// a b + c, with one rounding where the target has fused multiply-adds, else with two.
LSTMD_INLINE Vector MultiplyAdd(Vector a, Vector b, Vector c);

/// The smaller one. Where `a` is NaN the result is NaN; `limit` is never NaN.
LSTMD_INLINE Vector Min(Vector limit, Vector a);
/// The larger one. Where `a` is NaN the result is NaN; `limit` is never NaN, or NaN where `a` is.
LSTMD_INLINE Vector Max(Vector limit, Vector a);
/// Clears the sign, also that of -0.
LSTMD_INLINE Vector Abs(Vector a);
/// The sum of all elements, in an order of the target's own.
LSTMD_INLINE float Sum(Vector a);

/// `yes` where a >= limit, else `no`; where either is NaN, `no`. Both are passed on bit for bit.
LSTMD_INLINE Vector SelectAtLeast(Vector a, Vector limit, Vector yes, Vector no);
/// The first `count` elements of `first`, from 0 to kWidth, and the others of `rest`, bit for bit.
LSTMD_INLINE Vector SelectFirst(Vector rest, Vector first, int count);

/// Returns whether a <= limit; false where either is NaN.
LSTMD_INLINE VectorMask AtMost(Vector a, Vector limit);
LSTMD_INLINE VectorMask And(VectorMask a, VectorMask b);
/// Returns whether all elements are true.
LSTMD_INLINE bool AllTrue(VectorMask a);

}  // namespace
}  // namespace lstmd
