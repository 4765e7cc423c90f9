// The exports of the addon; see `Addon` in src/platform/addon.ts.
#include <napi.h>

#include "../platform/platform.h"
#include "../platform/tty-poll.h"
#include "program.h"

namespace lstmd::addon {
namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("simdTargets", Napi::Function::New<SimdTargets>(env, "simdTargets"));
  exports.Set("Program", ProgramClass(env));
  exports.Set("bootMs", Napi::Function::New<BootMs>(env, "bootMs"));
  exports.Set("isClockSynchronized",
              Napi::Function::New<IsClockSynchronized>(env, "isClockSynchronized"));
  exports.Set("openPty", Napi::Function::New<OpenPty>(env, "openPty"));
  exports.Set("hungUp", Napi::Function::New<HungUp>(env, "hungUp"));
  exports.Set("ttyBaud", Napi::Function::New<TtyBaud>(env, "ttyBaud"));
  exports.Set("TtyPoll", TtyPollClass(env));
  exports.Set("lockFile", Napi::Function::New<LockFile>(env, "lockFile"));
  exports.Set("endAtSignals", Napi::Function::New<EndAtSignals>(env, "endAtSignals"));
  exports.Set("hearSignals", Napi::Function::New<HearSignals>(env, "hearSignals"));
  exports.Set("notify", Napi::Function::New<Notify>(env, "notify"));
  return exports;
}

}  // namespace

NODE_API_MODULE(lstmd, Init)

}  // namespace lstmd::addon
