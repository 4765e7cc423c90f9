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
/// `endAtSignals(message)`: until `hearSignals()`, SIGTERM, SIGINT and SIGHUP write the message to
/// stderr and end the process with exit code 0, whatever it is at.
Napi::Value EndAtSignals(const Napi::CallbackInfo& info);
/// `hearSignals()`: these signals are handled as they were before.
Napi::Value HearSignals(const Napi::CallbackInfo& info);
/// `notify(socket, message)`.
Napi::Value Notify(const Napi::CallbackInfo& info);

}  // namespace lstmd::addon
