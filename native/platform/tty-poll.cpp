#include "tty-poll.h"

#include <fcntl.h>
#include <time.h>
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

constexpr double kNanosecondsAMillisecond = 1e6;
/// Whatever JavaScript asks for, the event loop sleeps no longer.
constexpr double kLongestRestMs = 1;

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
  /// `Readings::turn_` when it was read last: its bytes are not told of while that is so.
  std::uint64_t turn = 0;
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
/// polled by the loop itself; after the poll, or when there is room for no more, JavaScript is
/// called for all that were read, and says for how long the loop sleeps before the next poll.
class Readings {
 public:
  /// @param ready has three numbers of each: its slot, how many bytes, and how old they are in ms
  /// @return null where the environment has no event loop, or is ending
  static Readings* Create(Napi::Env env, Napi::Function on_ready, Napi::Float64Array ready) {
    uv_loop_s* loop = nullptr;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) return nullptr;
    Readings* const readings = new Readings(env, loop, on_ready, ready);
    uv_handle_s* const check = readings->check_.Get();
    uv_check_init(loop, check);
    uv_handle_set_data(check, readings);
    if (napi_add_async_cleanup_hook(env, End, readings, &readings->hook_) != napi_ok) {
      uv_close(check, Delete);
      return nullptr;
    }
    // Of the handles that look at the end of a poll, libuv asks the youngest first: what was read
    // is given before setImmediate() calls back, by which far-end-watch.ts has had all that came.
    uv_check_start(check, [](uv_handle_s* handle) {
      static_cast<Readings*>(uv_handle_get_data(handle))->Give();
    });
    uv_handle_s* const prepare = readings->prepare_.Get();
    uv_prepare_init(loop, prepare);
    uv_handle_set_data(prepare, readings);
    uv_prepare_start(prepare, [](uv_handle_s* handle) {
      static_cast<Readings*>(uv_handle_get_data(handle))->Rest();
    });
    // Only a tty that is read keeps the process going.
    uv_unref(check);
    uv_unref(prepare);
    return readings;
  }

  /// Reads a tty from now on; throws in JavaScript where the system cannot.
  void Add(std::int32_t slot, int fd, Napi::Uint8Array bytes) {
    // A descriptor of its own: the owner of the other may have libuv watch that.
    const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0) {
      ThrowSystemError(env_, errno, "dup");
      return;
    }
    std::unique_ptr<Tty> tty(new Tty{.readings = this,
                                     .slot = slot,
                                     .fd = own,
                                     .bytes = bytes.Data(),
                                     .room = bytes.ElementLength(),
                                     .kept = Napi::Persistent(bytes)});
    const int error = uv_poll_init(loop_, tty->handle.Get(), own);
    if (error != 0) {
      close(own);
      ThrowSystemError(env_, -error, "poll");
      return;
    }
    uv_handle_set_data(tty->handle.Get(), tty.get());
    ttys_.push_back(std::move(tty));
    Resume(slot);
  }

  void Pause(std::int32_t slot) {
    const auto found = Find(slot);
    if (found != ttys_.end()) uv_poll_stop((*found)->handle.Get());
  }

  void Resume(std::int32_t slot) {
    const auto found = Find(slot);
    if (found == ttys_.end()) return;
    uv_poll_start((*found)->handle.Get(), kUvReadable, [](uv_handle_s* handle, int status, int) {
      Tty* const polled = static_cast<Tty*>(uv_handle_get_data(handle));
      polled->readings->Read(*polled, status);
    });
  }

  void Remove(std::int32_t slot) {
    // Another may have the slot before JavaScript comes to what was read of this one.
    for (std::size_t at = 0; at < filled_; ++at) {
      if (ready_[kFields * at] == slot) ready_[kFields * at] = kNoSlot;
    }
    const auto found = Find(slot);
    if (found == ttys_.end()) return;
    Tty::Close(std::move(*found));
    ttys_.erase(found);
  }

 private:
  static constexpr double kNoSlot = -1;
  /// Slot, bytes and age.
  static constexpr std::size_t kFields = 3;

  Readings(Napi::Env env, uv_loop_s* loop, Napi::Function on_ready, Napi::Float64Array ready)
      : env_(env),
        loop_(loop),
        context_(env, "lstmd:TtyPoll"),
        receiver_(Napi::Persistent(Napi::Object::New(env))),
        on_ready_(Napi::Persistent(on_ready)),
        kept_(Napi::Persistent(ready)),
        ready_(ready.Data()),
        room_(ready.ElementLength() / kFields) {}

  /// The environment ends: it waits until libuv has let go of every handle.
  static void End(napi_async_cleanup_hook_handle, void* data) {
    Readings* const readings = static_cast<Readings*>(data);
    for (std::unique_ptr<Tty>& tty : readings->ttys_) Tty::Close(std::move(tty));
    readings->ttys_.clear();
    uv_close(readings->prepare_.Get(), [](uv_handle_s* prepare) {
      uv_close(static_cast<Readings*>(uv_handle_get_data(prepare))->check_.Get(),
               [](uv_handle_s* check) {
                 napi_remove_async_cleanup_hook(
                     static_cast<Readings*>(uv_handle_get_data(check))->hook_);
                 Delete(check);
               });
    });
  }

  static void Delete(uv_handle_s* handle) {
    const std::unique_ptr<Readings> ended(static_cast<Readings*>(uv_handle_get_data(handle)));
  }

  std::vector<std::unique_ptr<Tty>>::iterator Find(std::int32_t slot) {
    return std::find_if(ttys_.begin(), ttys_.end(),
                        [slot](const auto& tty) { return tty->slot == slot; });
  }

  void Read(Tty& tty, int status) {
    // After a thousand events libuv polls again in the same turn: the bytes of before are there.
    if (tty.turn == turn_) {
      // It has stopped what has a fault.
      if (status < 0) Resume(tty.slot);
      return;
    }
    const ssize_t bytes = status < 0 ? 0 : read(tty.fd, tty.bytes, tty.room);
    if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
    tty.turn = turn_;
    double* const fields = ready_ + kFields * filled_;
    fields[0] = tty.slot;
    fields[1] = static_cast<double>(std::max<ssize_t>(bytes, 0));
    fields[2] = static_cast<double>(uv_hrtime());
    // Those that the loop polls last have their turn too, however many are always ready.
    if (++filled_ == room_) Give();
  }

  void Give() {
    if (filled_ == 0) return;
    const double now = static_cast<double>(uv_hrtime());
    for (std::size_t at = 0; at < filled_; ++at) {
      double& age = ready_[kFields * at + 2];
      age = (now - age) / kNanosecondsAMillisecond;
    }
    const Napi::HandleScope scope(env_);
    const napi_value count = Napi::Number::New(env_, static_cast<double>(filled_));
    napi_value rest = nullptr;
    napi_value error = nullptr;
    const napi_status status =
        napi_make_callback(env_, context_, receiver_.Value(), on_ready_.Value(), 1, &count, &rest);
    filled_ = 0;
    ++turn_;
    if (status == napi_ok) napi_get_value_double(env_, rest, &rest_ms_);
    // In a thread that is being ended no JavaScript runs any more, and its error is none.
    if (status == napi_pending_exception &&
        napi_get_and_clear_last_exception(env_, &error) == napi_ok) {
      napi_fatal_exception(env_, error);
    }
  }

  void Rest() {
    const double rest_ms = std::exchange(rest_ms_, 0);
    // Also false for NaN. What is due does not wait.
    if (!(rest_ms > 0) || uv_backend_timeout(loop_) == 0) return;
    const double nanoseconds = std::min(rest_ms, kLongestRestMs) * kNanosecondsAMillisecond;
    const timespec rest = {.tv_sec = 0, .tv_nsec = static_cast<long>(nanoseconds)};
    // A signal ends it, which is no harm.
    nanosleep(&rest, nullptr);
  }

  Napi::Env env_;
  uv_loop_s* loop_;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  Handle check_ = Handle(kUvCheck);
  Handle prepare_ = Handle(kUvPrepare);
  Napi::AsyncContext context_;
  Napi::ObjectReference receiver_;
  Napi::FunctionReference on_ready_;
  Napi::Reference<Napi::Float64Array> kept_;
  double* ready_;
  std::size_t room_;
  /// Ttys that were read since JavaScript was called last, or that it is told of now.
  std::size_t filled_ = 0;
  /// How long JavaScript asked the loop to sleep, until it has.
  double rest_ms_ = 0;
  /// Counts how often JavaScript was called.
  std::uint64_t turn_ = 1;
  std::vector<std::unique_ptr<Tty>> ttys_;
};

bool IsArray(const Napi::Value& value, napi_typedarray_type type) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type;
}

class TtyPoll : public Napi::ObjectWrap<TtyPoll> {
 public:
  explicit TtyPoll(const Napi::CallbackInfo& info) : Napi::ObjectWrap<TtyPoll>(info) {
    const Napi::Env env = info.Env();
    if (!info[0].IsFunction() || !IsArray(info[1], napi_float64_array)) {
      Napi::TypeError::New(env, "TtyPoll(onReady, ready): a function and a Float64Array")
          .ThrowAsJavaScriptException();
      return;
    }
    if (uv_version() >> 16 != kUvMajor) {
      Napi::Error::New(env, "TtyPoll: this Node has another libuv than 1, which the addon knows")
          .ThrowAsJavaScriptException();
      return;
    }
    readings_ =
        Readings::Create(env, info[0].As<Napi::Function>(), info[1].As<Napi::Float64Array>());
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
    readings_->Add(Slot(info), info[1].As<Napi::Number>().Int32Value(),
                   info[2].As<Napi::Uint8Array>());
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
