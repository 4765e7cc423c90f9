#include "system-error.h"

#include <string>

#include "libuv.h"

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
