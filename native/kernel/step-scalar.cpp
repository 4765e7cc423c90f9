#define LSTMD_VECTOR_HEADER "vector-scalar.h"
#define LSTMD_STEPS kScalarSteps
#include "step-inl.h"
