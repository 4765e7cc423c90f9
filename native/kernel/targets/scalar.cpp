#define LSTMD_VECTOR_HEADER "simd/vector-scalar.h"
#define LSTMD_STEP_FUNCTIONS kScalarSteps
#include "ops/step-inl.h"
