#include "tty-poll.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "libuv.h"
#include "system-error.h"

namespace lstmd::addon {
namespace {

/// Memory of a handle of libuv, which says itself how large it is.
class Handle {
 public:
  explicit Handle(int type) : memory_(std::make_unique<std::byte[]>(uv_handle_size(type))) {}
  uv_handle_s* Get() const { return reinterpret_cast<uv_handle_s*>(memory_.get()); }

 private:
  std::unique_ptr<std::byte[]> memory_;
};

class Readings;

/// A tty that is read. Once it is closed, it goes when libuv has let go of it.
struct Tty {
  Readings* readings;
  std::int32_t slot;
  int fd;
  std::uint8_t* bytes;
  std::size_t room;
  Napi::Reference<Napi::Uint8Array> kept;
  Handle handle = Handle(kUvPoll);

  static void Close(std::unique_ptr<Tty> tty) {
    tty->kept.Reset();
    const int fd = tty->fd;
    uv_close(tty.release()->handle.Get(), [](uv_handle_s* handle) {
      const std::unique_ptr<Tty> closed(static_cast<Tty*>(uv_handle_get_data(handle)));
    });
    // libuv does not look at it any more.
    close(fd);
  }
};

/// The ttys of an environment, and what was read of them in this turn of the event loop. Each is
/// polled by the loop itself; after the poll, JavaScript is called once for all.
class Readings {
 public:
  /// @param ready where JavaScript finds the slot and the number of bytes of each
  static Readings* Create(Napi::Env env, Napi::Function on_ready, Napi::Int32Array ready) {
    uv_loop_s* loop = nullptr;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) return nullptr;
    Readings* const readings = new Readings(env, loop, on_ready, ready);
    uv_handle_s* const check = readings->check_.Get();
    uv_check_init(loop, check);
    uv_handle_set_data(check, readings);
    uv_check_start(check, [](uv_handle_s* handle) {
      static_cast<Readings*>(uv_handle_get_data(handle))->Give();
    });
    // Only a tty that is read keeps the process going.
    uv_unref(check);
    napi_add_async_cleanup_hook(env, End, readings, &readings->hook_);
    return readings;
  }

  /// @return 0, or an error of the system
  int Add(std::int32_t slot, int fd, Napi::Uint8Array bytes) {
    // A descriptor of its own: the owner of the other may have libuv watch that.
    const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0) return errno;
    std::unique_ptr<Tty> tty(new Tty{.readings = this,
                                     .slot = slot,
                                     .fd = own,
                                     .bytes = bytes.Data(),
                                     .room = bytes.ElementLength(),
                                     .kept = Napi::Persistent(bytes)});
    const int error = uv_poll_init(loop_, tty->handle.Get(), own);
    if (error != 0) {
      close(own);
      return -error;
    }
    uv_handle_set_data(tty->handle.Get(), tty.get());
    ttys_.push_back(std::move(tty));
    Resume(slot);
    return 0;
  }

  void Pause(std::int32_t slot) {
    if (const Tty* const tty = Find(slot)) uv_poll_stop(tty->handle.Get());
  }

  void Resume(std::int32_t slot) {
    if (const Tty* const tty = Find(slot)) {
      uv_poll_start(tty->handle.Get(), kUvReadable, [](uv_handle_s* handle, int status, int) {
        const Tty* const polled = static_cast<const Tty*>(uv_handle_get_data(handle));
        polled->readings->Read(*polled, status);
      });
    }
  }

  void Remove(std::int32_t slot) {
    // Another may have the slot before JavaScript comes to what was read of this one.
    for (std::size_t at = 0; at < filled_; ++at) {
      if (ready_[2 * at] == slot) ready_[2 * at] = kNoSlot;
    }
    const auto found = std::find_if(ttys_.begin(), ttys_.end(),
                                    [slot](const auto& tty) { return tty->slot == slot; });
    if (found == ttys_.end()) return;
    Tty::Close(std::exchange(*found, nullptr));
    ttys_.erase(found);
  }

 private:
  static constexpr std::int32_t kNoSlot = -1;

  Readings(Napi::Env env, uv_loop_s* loop, Napi::Function on_ready, Napi::Int32Array ready)
      : env_(env),
        loop_(loop),
        context_(env, "lstmd:TtyPoll"),
        receiver_(Napi::Persistent(Napi::Object::New(env))),
        on_ready_(Napi::Persistent(on_ready)),
        kept_(Napi::Persistent(ready)),
        ready_(ready.Data()),
        room_(ready.ElementLength() / 2) {}

  /// The environment ends: it waits until libuv has let go of every handle.
  static void End(napi_async_cleanup_hook_handle, void* data) {
    Readings* const readings = static_cast<Readings*>(data);
    for (std::unique_ptr<Tty>& tty : readings->ttys_) Tty::Close(std::move(tty));
    readings->ttys_.clear();
    uv_close(readings->check_.Get(), [](uv_handle_s* handle) {
      const std::unique_ptr<Readings> ended(static_cast<Readings*>(uv_handle_get_data(handle)));
      napi_remove_async_cleanup_hook(ended->hook_);
    });
  }

  const Tty* Find(std::int32_t slot) const {
    const auto found = std::find_if(ttys_.begin(), ttys_.end(),
                                    [slot](const auto& tty) { return tty->slot == slot; });
    return found == ttys_.end() ? nullptr : found->get();
  }

  /// What there is no room to tell of waits in the system for the next turn.
  void Read(const Tty& tty, int status) {
    if (filled_ == room_) return;
    ssize_t bytes = status < 0 ? 0 : read(tty.fd, tty.bytes, tty.room);
    if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
    ready_[2 * filled_] = tty.slot;
    ready_[2 * filled_ + 1] = static_cast<std::int32_t>(std::max<ssize_t>(bytes, 0));
    ++filled_;
  }

  void Give() {
    if (filled_ == 0) return;
    const Napi::HandleScope scope(env_);
    const napi_value count = Napi::Number::New(env_, static_cast<double>(filled_));
    napi_value error = nullptr;
    const napi_status status = napi_make_callback(env_, context_, receiver_.Value(),
                                                  on_ready_.Value(), 1, &count, nullptr);
    filled_ = 0;
    // Any other status is that of a thread which is being ended, and runs no JavaScript any more.
    if (status == napi_pending_exception &&
        napi_get_and_clear_last_exception(env_, &error) == napi_ok) {
      napi_fatal_exception(env_, error);
    }
  }

  Napi::Env env_;
  uv_loop_s* loop_;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  Handle check_ = Handle(kUvCheck);
  Napi::AsyncContext context_;
  Napi::ObjectReference receiver_;
  Napi::FunctionReference on_ready_;
  Napi::Reference<Napi::Int32Array> kept_;
  std::int32_t* ready_;
  std::size_t room_;
  /// Ttys that were read since JavaScript was called last, or that it is told of now.
  std::size_t filled_ = 0;
  std::vector<std::unique_ptr<Tty>> ttys_;
};

bool IsArray(const Napi::Value& value, napi_typedarray_type type) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type;
}

class TtyPoll : public Napi::ObjectWrap<TtyPoll> {
 public:
  explicit TtyPoll(const Napi::CallbackInfo& info) : Napi::ObjectWrap<TtyPoll>(info) {
    const Napi::Env env = info.Env();
    if (!info[0].IsFunction() || !IsArray(info[1], napi_int32_array)) {
      Napi::TypeError::New(env, "TtyPoll(onReady, ready): a function and an Int32Array")
          .ThrowAsJavaScriptException();
      return;
    }
    readings_ = Readings::Create(env, info[0].As<Napi::Function>(), info[1].As<Napi::Int32Array>());
    if (readings_ == nullptr) {
      Napi::Error::New(env, "TtyPoll: no event loop").ThrowAsJavaScriptException();
    }
  }

  void Add(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (!info[0].IsNumber() || !info[1].IsNumber() || !IsArray(info[2], napi_uint8_array)) {
      Napi::TypeError::New(env, "add(slot, fd, bytes): two numbers and a Uint8Array")
          .ThrowAsJavaScriptException();
      return;
    }
    const int error = readings_->Add(Slot(info), info[1].As<Napi::Number>().Int32Value(),
                                     info[2].As<Napi::Uint8Array>());
    if (error != 0) ThrowSystemError(env, error, "poll");
  }

  void Pause(const Napi::CallbackInfo& info) { readings_->Pause(Slot(info)); }
  void Resume(const Napi::CallbackInfo& info) { readings_->Resume(Slot(info)); }
  void Remove(const Napi::CallbackInfo& info) { readings_->Remove(Slot(info)); }

 private:
  static std::int32_t Slot(const Napi::CallbackInfo& info) {
    return info[0].IsNumber() ? info[0].As<Napi::Number>().Int32Value() : -1;
  }

  /// It ends with the environment, and not with this object.
  Readings* readings_ = nullptr;
};

}  // namespace

Napi::Function TtyPollClass(Napi::Env env) {
  return TtyPoll::DefineClass(env, "TtyPoll",
                              {
                                  TtyPoll::InstanceMethod<&TtyPoll::Add>("add"),
                                  TtyPoll::InstanceMethod<&TtyPoll::Pause>("pause"),
                                  TtyPoll::InstanceMethod<&TtyPoll::Resume>("resume"),
                                  TtyPoll::InstanceMethod<&TtyPoll::Remove>("remove"),
                              });
}

}  // namespace lstmd::addon
