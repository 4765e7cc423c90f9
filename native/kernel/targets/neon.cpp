#include <arm_neon.h>

#define LSTMD_VECTOR_HEADER "simd/vector-neon.h"
#define LSTMD_STEPS kNeonSteps
#include "ops/step-inl.h"
