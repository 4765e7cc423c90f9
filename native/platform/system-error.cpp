#include "system-error.h"

#include <string>

// Functions of libuv, which every Node carries. strerrorname_np(3) would say the same, but the C
// library has it only since 2.32.
extern "C" const char* uv_err_name(int error);
extern "C" const char* uv_strerror(int error);

namespace lstmd::addon {

void ThrowSystemError(Napi::Env env, int number, const char* call) {
  const std::string code = uv_err_name(-number);
  Napi::Error error = Napi::Error::New(env, code + ": " + uv_strerror(-number) + ", " + call);
  error.Set("code", Napi::String::New(env, code));
  error.Set("errno", Napi::Number::New(env, -number));
  error.Set("syscall", Napi::String::New(env, call));
  error.ThrowAsJavaScriptException();
}

}  // namespace lstmd::addon
