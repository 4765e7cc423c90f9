#define LSTMD_VECTOR_HEADER "simd/vector-neon.h"
#define LSTMD_STEP_FUNCTIONS kNeonSteps
#include "ops/step-inl.h"
