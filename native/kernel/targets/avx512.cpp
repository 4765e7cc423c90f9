#include <immintrin.h>

#define LSTMD_VECTOR_HEADER "simd/vector-avx512.h"
#define LSTMD_STEPS kAvx512Steps
#include "ops/step-inl.h"
