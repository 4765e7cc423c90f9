#include <sys/timex.h>
#include <time.h>

#include "platform.h"

namespace lstmd::addon {

Napi::Value BootMs(const Napi::CallbackInfo& info) {
  timespec now = {};
  // Linux has had this clock since 2.6.39; it has no other failure.
  clock_gettime(CLOCK_BOOTTIME, &now);
  const double ms = static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
  return Napi::Number::New(info.Env(), ms);
}

Napi::Value IsClockSynchronized(const Napi::CallbackInfo& info) {
  // With no mode set, adjtimex(2) only reads, which needs no privilege.
  timex state = {};
  const int result = adjtimex(&state);
  const bool is_synchronized = result >= 0 && (state.status & STA_UNSYNC) == 0;
  return Napi::Boolean::New(info.Env(), is_synchronized);
}

}  // namespace lstmd::addon
