#pragma once

#include <napi.h>

namespace lstmd::addon {

Napi::Value SimdTargets(const Napi::CallbackInfo& info);

/// The class `Program` of src/platform/addon.ts.
Napi::Function ProgramClass(Napi::Env env);

}  // namespace lstmd::addon
