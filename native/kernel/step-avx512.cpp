#include <immintrin.h>

#define LSTMD_VECTOR_HEADER "vector-avx512.h"
#define LSTMD_STEPS kAvx512Steps
#include "step-inl.h"
