#include "binding.h"

#include <algorithm>
#include <span>

namespace lstmd::addon {

bool Binding::Bind(const ArrayValues& values, const Arrays& arrays, std::size_t room) {
  Release();
  for (const napi_value value : values) {
    napi_value buffer;
    if (napi_get_typedarray_info(env_, value, nullptr, nullptr, nullptr, &buffer, nullptr) !=
            napi_ok ||
        !Watch(buffer)) {
      Release();
      return false;
    }
  }
  arrays_ = arrays;
  room_ = static_cast<double>(room);
  return true;
}

void Binding::Release() {
  for (const Buffer& buffer : std::span(buffers_).first(buffer_count_))
    napi_delete_reference(env_, buffer.reference);
  buffer_count_ = 0;
  room_ = -1;
}

bool Binding::Fits(double count) const {
  if (!(count >= 0 && count <= room_)) return false;
  if (static_cast<double>(static_cast<std::size_t>(count)) != count) return false;
  for (const Buffer& buffer : std::span(buffers_).first(buffer_count_)) {
    napi_value value;
    void* data;
    std::size_t size;
    if (napi_get_reference_value(env_, buffer.reference, &value) != napi_ok ||
        napi_get_arraybuffer_info(env_, value, &data, &size) != napi_ok || data != buffer.data ||
        size != buffer.size)
      return false;
  }
  return true;
}

bool Binding::Watch(napi_value buffer) {
  bool can_be_taken_away = false;
  if (napi_is_arraybuffer(env_, buffer, &can_be_taken_away) != napi_ok) return false;
  // A SharedArrayBuffer keeps its memory for good; several arrays may be of one buffer.
  if (!can_be_taken_away || IsWatched(buffer)) return true;
  Buffer& added = buffers_[buffer_count_];
  if (napi_get_arraybuffer_info(env_, buffer, &added.data, &added.size) != napi_ok ||
      napi_create_reference(env_, buffer, 1, &added.reference) != napi_ok)
    return false;
  ++buffer_count_;
  return true;
}

bool Binding::IsWatched(napi_value buffer) const {
  const std::span<const Buffer> watched = std::span(buffers_).first(buffer_count_);
  return std::any_of(watched.begin(), watched.end(), [this, buffer](const Buffer& other) {
    napi_value value;
    bool is_same = false;
    return napi_get_reference_value(env_, other.reference, &value) == napi_ok &&
           napi_strict_equals(env_, buffer, value, &is_same) == napi_ok && is_same;
  });
}

}  // namespace lstmd::addon
