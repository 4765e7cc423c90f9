#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "platform.h"
#include "system-error.h"

namespace lstmd::addon {
namespace {

/// `struct termios2` of the kernel, whose header cannot stand beside that of the C library.
struct KernelTermios2 {
  tcflag_t modes[4];
  cc_t line;
  cc_t characters[19];
  speed_t input_baud;
  speed_t output_baud;
};
constexpr unsigned long kGetTermios2 = _IOR('T', 0x2A, KernelTermios2);

/// Makes the terminal pass bytes as they are, both ways: nothing echoed, translated or held back.
bool MakeRaw(int fd) {
  termios settings = {};
  if (tcgetattr(fd, &settings) != 0) return false;
  cfmakeraw(&settings);
  return tcsetattr(fd, TCSANOW, &settings) == 0;
}

}  // namespace

Napi::Value OpenPty(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    ThrowSystemError(env, errno, "posix_openpt");
    return env.Undefined();
  }
  char path[128];
  const char* failed = nullptr;
  // On Linux the settings of the master are those of the slave.
  if (grantpt(fd) != 0) {
    failed = "grantpt";
  } else if (unlockpt(fd) != 0) {
    failed = "unlockpt";
  } else if (ptsname_r(fd, path, sizeof path) != 0) {
    failed = "ptsname";
  } else if (!MakeRaw(fd)) {
    failed = "tcsetattr";
  }
  if (failed != nullptr) {
    const int number = errno;
    close(fd);
    ThrowSystemError(env, number, failed);
    return env.Undefined();
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("fd", Napi::Number::New(env, fd));
  result.Set("path", Napi::String::New(env, path));
  return result;
}

Napi::Value HungUp(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber()) {
    Napi::TypeError::New(env, "hungUp(fd): fd must be a number").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  // poll() skips a negative descriptor; here it counts as closed, and so as hung up.
  const int fd = info[0].As<Napi::Number>().Int32Value();
  if (fd < 0) return Napi::Boolean::New(env, true);
  pollfd request = {fd, 0, 0};
  int ready = 0;
  do {
    ready = poll(&request, 1, 0);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) {
    ThrowSystemError(env, errno, "poll");
    return env.Undefined();
  }
  return Napi::Boolean::New(env, (request.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0);
}

Napi::Value TtyBaud(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber()) {
    Napi::TypeError::New(env, "ttyBaud(fd): fd must be a number").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  // This call gives any rate; tcgetattr(3) knows only those that have a constant.
  KernelTermios2 settings = {};
  if (ioctl(info[0].As<Napi::Number>().Int32Value(), kGetTermios2, &settings) != 0) {
    ThrowSystemError(env, errno, "ioctl");
    return env.Undefined();
  }
  return Napi::Number::New(env, settings.output_baud);
}

}  // namespace lstmd::addon
