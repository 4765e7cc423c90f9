// The functions of Linux that the daemon needs and Node does not offer; see `Addon` in
// src/platform/addon.ts.
#pragma once

#include <napi.h>

namespace lstmd::addon {

/// `bootMs()`.
Napi::Value BootMs(const Napi::CallbackInfo& info);
/// `isClockSynchronized()`.
Napi::Value IsClockSynchronized(const Napi::CallbackInfo& info);
/// `openPty()`; throws an Error with code, errno and syscall, as Node's own system errors have
/// them.
Napi::Value OpenPty(const Napi::CallbackInfo& info);
/// `hungUp(fd)`.
Napi::Value HungUp(const Napi::CallbackInfo& info);
/// `ttyBaud(fd)`.
Napi::Value TtyBaud(const Napi::CallbackInfo& info);
/// `lockFile(path)`: the descriptor, or null where another process has the lock.
Napi::Value LockFile(const Napi::CallbackInfo& info);
/// `notify(socket, message)`.
Napi::Value Notify(const Napi::CallbackInfo& info);

}  // namespace lstmd::addon
