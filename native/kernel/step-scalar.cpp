#define LSTMD_VECTOR_HEADER "vector-scalar.h"
#define LSTMD_STEP_LANE StepLaneScalar
#include "step-inl.h"
