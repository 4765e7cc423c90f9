#pragma once

#include <napi.h>

namespace lstmd::addon {

/// Throws an Error with `code`, `errno` and `syscall` as Node's own system errors have them.
void ThrowSystemError(Napi::Env env, int number, const char* call);

}  // namespace lstmd::addon
