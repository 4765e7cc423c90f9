#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>

#include "platform.h"

namespace lstmd::addon {
namespace {

constexpr std::array kSignals = {SIGTERM, SIGINT, SIGHUP};

/// Holds what the handler writes; it changes only while the handler is not installed.
std::string last_words;
std::array<struct sigaction, kSignals.size()> previous = {};
bool is_installed = false;

/// Calls only what signal-safety(7) lists.
void End(int) {
  const ssize_t written = write(STDERR_FILENO, last_words.data(), last_words.size());
  static_cast<void>(written);
  _exit(0);
}

}  // namespace

Napi::Value EndAtSignals(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString()) {
    Napi::TypeError::New(env, "endAtSignals(message): message must be a string")
        .ThrowAsJavaScriptException();
    return env.Undefined();
  }
  if (is_installed) return env.Undefined();
  last_words = info[0].As<Napi::String>().Utf8Value();
  struct sigaction action = {};
  action.sa_handler = End;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    // It has no failure for these signals and addresses.
    sigaction(kSignals[i], &action, &previous[i]);
  }
  is_installed = true;
  return env.Undefined();
}

Napi::Value HearSignals(const Napi::CallbackInfo& info) {
  if (is_installed) {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], &previous[i], nullptr);
    }
    is_installed = false;
  }
  return info.Env().Undefined();
}

}  // namespace lstmd::addon
