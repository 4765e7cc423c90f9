#include <arm_neon.h>

#define LSTMD_VECTOR_HEADER "vector-neon.h"
#define LSTMD_STEP_LANES StepLanesNeon
#include "step-inl.h"
