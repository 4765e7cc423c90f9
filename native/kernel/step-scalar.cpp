#define LSTMD_VECTOR_HEADER "vector-scalar.h"
#define LSTMD_STEP_LANES StepLanesScalar
#include "step-inl.h"
