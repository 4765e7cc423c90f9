#include <arm_neon.h>

#define LSTMD_VECTOR_HEADER "vector-neon.h"
#define LSTMD_STEPS kNeonSteps
#include "step-inl.h"
