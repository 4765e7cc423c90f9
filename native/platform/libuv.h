// The functions of libuv that the addon calls: every Node carries them, but Node-API's headers come
// without libuv's. Handles are opaque here, and as large as libuv says.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

struct uv_loop_s;
struct uv_handle_s;

/// Major, minor and patch, a byte each.
unsigned int uv_version();
/// Nanoseconds of a clock that only goes forward.
std::uint64_t uv_hrtime();
/// How long the loop would wait in its next poll: 0 where something is due, such as an immediate.
int uv_backend_timeout(const uv_loop_s* loop);
std::size_t uv_handle_size(int type);
void uv_handle_set_data(uv_handle_s* handle, void* data);
void* uv_handle_get_data(const uv_handle_s* handle);
void uv_unref(uv_handle_s* handle);
void uv_close(uv_handle_s* handle, void (*closed)(uv_handle_s* handle));

int uv_check_init(uv_loop_s* loop, uv_handle_s* handle);
int uv_check_start(uv_handle_s* handle, void (*checked)(uv_handle_s* handle));

int uv_prepare_init(uv_loop_s* loop, uv_handle_s* handle);
int uv_prepare_start(uv_handle_s* handle, void (*prepared)(uv_handle_s* handle));

int uv_poll_init(uv_loop_s* loop, uv_handle_s* handle, int fd);
int uv_poll_start(uv_handle_s* handle, int events,
                  void (*polled)(uv_handle_s* handle, int status, int events));
int uv_poll_stop(uv_handle_s* handle);

const char* uv_err_name(int error);
const char* uv_strerror(int error);

}  // extern "C"

namespace lstmd::addon {

/// `UV_CHECK`, `UV_POLL` and `UV_PREPARE` of `uv_handle_type`, and `UV_READABLE` of
/// `uv_poll_event`, in the binary interface of this major version.
inline constexpr unsigned int kUvMajor = 1;
inline constexpr int kUvCheck = 2;
inline constexpr int kUvPoll = 8;
inline constexpr int kUvPrepare = 9;
inline constexpr int kUvReadable = 1;

}  // namespace lstmd::addon
