#include <immintrin.h>

#define LSTMD_VECTOR_HEADER "vector-avx2.h"
#define LSTMD_STEPS kAvx2Steps
#include "step-inl.h"
