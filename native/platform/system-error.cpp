#include "system-error.h"

#include <string.h>

#include <string>

namespace lstmd::addon {

void ThrowSystemError(Napi::Env env, int number, const char* call) {
  const char* name = strerrorname_np(number);
  const std::string code = name != nullptr ? name : "UNKNOWN";
  Napi::Error error = Napi::Error::New(env, code + ": " + ::strerrordesc_np(number) + ", " + call);
  error.Set("code", Napi::String::New(env, code));
  error.Set("errno", Napi::Number::New(env, -number));
  error.Set("syscall", Napi::String::New(env, call));
  error.ThrowAsJavaScriptException();
}

}  // namespace lstmd::addon
