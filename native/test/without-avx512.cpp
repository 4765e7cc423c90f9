// Stands for the steps of AVX-512 where the sanitized tests run on a CPU without it.
#include "targets/target.h"

namespace lstmd {

extern const StepFunctions kAvx512Steps;
const StepFunctions kAvx512Steps = {};

}  // namespace lstmd
