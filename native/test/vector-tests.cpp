// Runs the tests of the vectors of each target that the CPU supports.
#include "targets/target.h"
#include "test.h"
#include "vector-test.h"

namespace lstmd::test {
namespace {

TEST(VectorsKeepTheirContracts) {
  const VectorTest* const tests[] = {
#ifdef LSTMD_X86_64
      &kVectorTest_avx512, &kVectorTest_avx2, &kVectorTest_sse2,
#endif
#ifdef LSTMD_AARCH64
      &kVectorTest_neon,
#endif
      &kVectorTest_scalar,
  };
  std::size_t run = 0;
  for (const VectorTest* test : tests) {
    if (FindTarget(test->target) == nullptr) continue;
    test->run();
    ++run;
  }
  CHECK(run == SupportedTargets().size(), "%zu of %zu targets are in the list above", run,
        SupportedTargets().size());
}

}  // namespace
}  // namespace lstmd::test
