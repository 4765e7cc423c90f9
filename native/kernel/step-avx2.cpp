#include <immintrin.h>

#define LSTMD_VECTOR_HEADER "vector-avx2.h"
#define LSTMD_STEP_LANES StepLanesAvx2
#include "step-inl.h"
