#pragma once

#include <cstdint>

#ifdef LSTMD_X86_64
#include <immintrin.h>
#endif

namespace lstmd {

/// Makes the CPU take denormals as zeros while it lives: arithmetic with denormals is several times
/// slower.
class DenormalsAreZero {
 public:
#if defined(LSTMD_X86_64)
  DenormalsAreZero() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | 0x8040); }
  ~DenormalsAreZero() { _mm_setcsr(saved_); }
#elif defined(LSTMD_AARCH64)
  DenormalsAreZero() {
    asm volatile("mrs %0, fpcr" : "=r"(saved_));
    asm volatile("msr fpcr, %0" : : "r"(saved_ | (std::uint64_t{1} << 24)));
  }
  ~DenormalsAreZero() { asm volatile("msr fpcr, %0" : : "r"(saved_)); }
#else
  DenormalsAreZero() {}
  ~DenormalsAreZero() {}
#endif
  DenormalsAreZero(const DenormalsAreZero&) = delete;
  DenormalsAreZero& operator=(const DenormalsAreZero&) = delete;

 private:
#if defined(LSTMD_X86_64)
  unsigned saved_;
#elif defined(LSTMD_AARCH64)
  std::uint64_t saved_;
#endif
};

}  // namespace lstmd
