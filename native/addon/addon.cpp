// The exports; see src/addon.ts. Knows Node-API and no arithmetic.
#include <napi.h>

#include "os.h"

namespace lstmd::addon {
namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("openPty", Napi::Function::New<OpenPty>(env, "openPty"));
  exports.Set("hungUp", Napi::Function::New<HungUp>(env, "hungUp"));
  exports.Set("notify", Napi::Function::New<Notify>(env, "notify"));
  return exports;
}

}  // namespace

NODE_API_MODULE(lstmd, Init)

}  // namespace lstmd::addon
