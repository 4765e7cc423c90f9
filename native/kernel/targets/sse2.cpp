#define LSTMD_VECTOR_HEADER "simd/vector-sse2.h"
#define LSTMD_STEP_FUNCTIONS kSse2Steps
#include "ops/step-inl.h"
