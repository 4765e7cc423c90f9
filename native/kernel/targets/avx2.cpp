#include <immintrin.h>

#define LSTMD_VECTOR_HEADER "simd/vector-avx2.h"
#define LSTMD_STEPS kAvx2Steps
#include "ops/step-inl.h"
