// What the daemon needs of the operating system and Node does not offer.
#pragma once

#include <napi.h>

namespace lstmd::addon {

Napi::Value OpenPty(const Napi::CallbackInfo& info);
Napi::Value HungUp(const Napi::CallbackInfo& info);
Napi::Value Notify(const Napi::CallbackInfo& info);

}  // namespace lstmd::addon
