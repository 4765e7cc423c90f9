#include <immintrin.h>

#define LSTMD_VECTOR_HEADER "vector-sse2.h"
#define LSTMD_STEPS kSse2Steps
#include "step-inl.h"
