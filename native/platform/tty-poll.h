// Reading of ttys on the event loop.
#pragma once

#include <napi.h>

namespace lstmd::addon {

/// The class `TtyPoll`; see `NativeTtyPoll` in src/platform/addon.ts.
Napi::Function TtyPollClass(Napi::Env env);

}  // namespace lstmd::addon
