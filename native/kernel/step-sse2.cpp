#include <immintrin.h>

#define LSTMD_VECTOR_HEADER "vector-sse2.h"
#define LSTMD_STEP_LANES StepLanesSse2
#include "step-inl.h"
