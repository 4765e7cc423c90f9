#include <immintrin.h>

#define LSTMD_VECTOR_HEADER "simd/vector-sse2.h"
#define LSTMD_STEPS kSse2Steps
#include "ops/step-inl.h"
