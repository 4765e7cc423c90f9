#define LSTMD_VECTOR_HEADER "simd/vector-avx2.h"
#define LSTMD_STEP_FUNCTIONS kAvx2Steps
#include "ops/step-inl.h"
