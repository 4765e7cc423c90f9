#include "bound-step.h"

#include <algorithm>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

namespace lstmd::addon {

std::unique_ptr<BoundStep> BoundStep::Create(napi_env env, std::shared_ptr<Program> program,
                                             Streams streams, const ArrayValues& values,
                                             const Arrays& arrays, std::size_t room) {
  std::unique_ptr<BoundStep> step(new (std::nothrow)
                                      BoundStep(env, std::move(program), streams, arrays, room));
  if (step == nullptr) return nullptr;
  const bool are_watched = std::all_of(values.begin(), values.end(), [&step](napi_value array) {
    return step->WatchBufferOf(array);
  });
  return are_watched ? std::move(step) : nullptr;
}

BoundStep::BoundStep(napi_env env, std::shared_ptr<Program> program, Streams streams,
                     const Arrays& arrays, std::size_t room)
    : env_(env),
      program_(std::move(program)),
      streams_(streams),
      arrays_(arrays),
      room_(static_cast<double>(room)) {}

BoundStep::~BoundStep() {
  for (const Buffer& buffer : std::span(buffers_).first(buffer_count_))
    napi_delete_reference(env_, buffer.reference);
}

bool BoundStep::Step(double count) {
  // The bounds come first: the conversion of NaN, or of a number too large, would be undefined.
  if (!(count >= 0 && count <= room_)) return false;
  const std::size_t samples = static_cast<std::size_t>(count);
  if (static_cast<double>(samples) != count || !HasItsMemory()) return false;
  float* const state = static_cast<float*>(arrays_.state.data);
  const float* const input = static_cast<const float*>(arrays_.input.data);
  float* const output = static_cast<float*>(arrays_.output.data);
  std::uint8_t* const flags = static_cast<std::uint8_t*>(arrays_.flags.data);
  return streams_ == Streams::kMany ? program_->StepMany(state, input, samples, output, flags)
                                    : program_->Step(state, input, samples, output, flags);
}

bool BoundStep::HasItsMemory() const {
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

bool BoundStep::WatchBufferOf(napi_value array) {
  napi_value buffer;
  bool can_be_detached = false;
  if (napi_get_typedarray_info(env_, array, nullptr, nullptr, nullptr, &buffer, nullptr) !=
          napi_ok ||
      napi_is_arraybuffer(env_, buffer, &can_be_detached) != napi_ok)
    return false;
  // A SharedArrayBuffer keeps its memory for good; and several arrays may be of one buffer.
  if (!can_be_detached || IsWatched(buffer)) return true;
  Buffer& added = buffers_[buffer_count_];
  if (napi_get_arraybuffer_info(env_, buffer, &added.data, &added.size) != napi_ok ||
      napi_create_reference(env_, buffer, 1, &added.reference) != napi_ok)
    return false;
  ++buffer_count_;
  return true;
}

bool BoundStep::IsWatched(napi_value buffer) const {
  const std::span<const Buffer> watched = std::span(buffers_).first(buffer_count_);
  return std::any_of(watched.begin(), watched.end(), [this, buffer](const Buffer& other) {
    napi_value value;
    bool is_same = false;
    return napi_get_reference_value(env_, other.reference, &value) == napi_ok &&
           napi_strict_equals(env_, buffer, value, &is_same) == napi_ok && is_same;
  });
}

}  // namespace lstmd::addon
