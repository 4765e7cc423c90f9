#define LSTMD_VECTOR_HEADER "simd/vector-avx512.h"
#define LSTMD_STEP_FUNCTIONS kAvx512Steps
#include "ops/step-inl.h"
