// Plain data only, as in a target's unit.
#pragma once

namespace lstmd::test {

/// A target and the test of its vectors, which only a CPU that supports the target may run.
struct VectorTest {
  const char* target;
  void (*run)();
};

extern const VectorTest kVectorTest_avx512;
extern const VectorTest kVectorTest_avx2;
extern const VectorTest kVectorTest_sse2;
extern const VectorTest kVectorTest_neon;
extern const VectorTest kVectorTest_scalar;

}  // namespace lstmd::test
