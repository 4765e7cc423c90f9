// The class `Program` of src/platform/addon.ts: a compiled program, and the steps bound to it.
#pragma once

#include <napi.h>

namespace lstmd::addon {

/// The constructor `Program(words, weights, target)`.
Napi::Function ProgramClass(Napi::Env env);

/// `simdTargets()`: the names of the targets that this CPU can run, best first.
Napi::Value SimdTargets(const Napi::CallbackInfo& info);

}  // namespace lstmd::addon
