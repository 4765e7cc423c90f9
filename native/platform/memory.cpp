#include "platform.h"

// Only a header of the C library tells which one it is.
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace lstmd::addon {

void ReturnFreeMemory(const Napi::CallbackInfo&) {
#ifdef __GLIBC__
  // The same number as glibc begins with. Once it is set, it no longer grows to twice the largest
  // block that was ever given back.
  constexpr int kMostFreeBytes = 128 * 1024;
  mallopt(M_TRIM_THRESHOLD, kMostFreeBytes);
  malloc_trim(0);
#endif
}

}  // namespace lstmd::addon
