#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "platform.h"
#include "system-error.h"

namespace lstmd::addon {

Napi::Value LockFile(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString()) {
    Napi::TypeError::New(env, "lockFile(path): path must be a string").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  int fd = -1;
  do {
    fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) {
    ThrowSystemError(env, errno, "open");
    return env.Undefined();
  }
  int result = 0;
  do {
    result = flock(fd, LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  if (result != 0) {
    const int number = errno;
    close(fd);
    if (number == EWOULDBLOCK) return env.Null();
    ThrowSystemError(env, number, "flock");
    return env.Undefined();
  }
  return Napi::Number::New(env, fd);
}

}  // namespace lstmd::addon
