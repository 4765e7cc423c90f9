// The rules for the unit of a SIMD target. Each target is one translation unit of the same
// source, compiled with instructions that this machine may not have. Everything in it is in an
// anonymous namespace or a constant, so that the linker can take none of its code for another unit;
// for the same reason it includes nothing of the C++ standard library but <cstdint> and <cstddef>.
#pragma once

#include <string.h>

/// Precedes each small function of such a unit.
#define LSTMD_INLINE [[gnu::always_inline]] static inline
