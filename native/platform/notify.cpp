#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>

#include "platform.h"

namespace lstmd::addon {
namespace {

/// Sends a datagram as sd_notify(3) does: a leading '@' of the name stands for the zero byte with
/// which the address of an abstract socket begins.
bool SendNotification(const std::string& name, const std::string& message) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  // A path ends with a zero byte, an abstract name where the length of the address says.
  const bool abstract = name.size() > 1 && name[0] == '@';
  const bool path = !name.empty() && name[0] == '/';
  if (!abstract && !path) return false;
  if (name.size() + (path ? 1 : 0) > sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, name.data(), name.size());
  if (abstract) address.sun_path[0] = '\0';
  const std::size_t length = offsetof(sockaddr_un, sun_path) + name.size() + (path ? 1 : 0);

  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const ssize_t sent =
      sendto(fd, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
             reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length));
  close(fd);
  return sent == static_cast<ssize_t>(message.size());
}

}  // namespace

Napi::Value Notify(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsString()) {
    Napi::TypeError::New(env, "notify(socket, message): both must be strings")
        .ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const std::string socket = info[0].As<Napi::String>();
  const std::string message = info[1].As<Napi::String>();
  return Napi::Boolean::New(env, SendNotification(socket, message));
}

}  // namespace lstmd::addon
