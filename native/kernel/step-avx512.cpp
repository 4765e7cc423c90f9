#include <immintrin.h>

#define LSTMD_VECTOR_HEADER "vector-avx512.h"
#define LSTMD_STEP_LANES StepLanesAvx512
#include "step-inl.h"
