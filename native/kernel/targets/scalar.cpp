#define LSTMD_VECTOR_HEADER "simd/vector-scalar.h"
#define LSTMD_STEPS kScalarSteps
#include "ops/step-inl.h"
