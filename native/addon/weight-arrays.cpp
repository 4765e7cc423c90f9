#include "weight-arrays.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "arrays.h"

namespace lstmd::addon {
namespace {

/// Far more tensors than a program has operands.
constexpr std::uint32_t kMaxArrays = 1 << 22;
/// Pages are given back in runs of about this size, so that it is seldom done.
constexpr std::uintptr_t kRunBytes = std::uintptr_t{1} << 16;

}  // namespace

bool WeightArrays::Read(napi_env env, napi_value value) {
  bool is_array = false;
  std::uint32_t count = 0;
  if (napi_is_array(env, value, &is_array) != napi_ok || !is_array ||
      napi_get_array_length(env, value, &count) != napi_ok || count > kMaxArrays)
    return false;
  // An element may be a getter, which may even take the memory of another array away: so all are
  // read before any memory is looked at.
  values_.resize(count);
  for (std::uint32_t i = 0; i < count; ++i)
    if (napi_get_element(env, value, i, &values_[i]) != napi_ok) return false;
  for (const napi_value element : values_) {
    Array array;
    if (!ReadArray(env, element, napi_float32_array, &array)) return false;
    parts_.emplace_back(static_cast<const float*>(array.data), array.length);
  }
  return true;
}

void WeightArrays::Detach(napi_env env) const {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (parts_[i].size_bytes() < kRunBytes) continue;
    const napi_value value = values_[i];
    napi_value buffer;
    bool can_be_detached = false;
    if (napi_get_typedarray_info(env, value, nullptr, nullptr, nullptr, &buffer, nullptr) ==
            napi_ok &&
        napi_is_arraybuffer(env, buffer, &can_be_detached) == napi_ok && can_be_detached)
      napi_detach_arraybuffer(env, buffer);
  }
}

Spent GiveBackPages() {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  std::uintptr_t run_begin = 0;
  std::uintptr_t run_end = 0;
  return [page, run_begin, run_end](const float* first, std::int64_t count) mutable {
    const auto begin = reinterpret_cast<std::uintptr_t>(first);
    const std::uintptr_t end = begin + static_cast<std::uintptr_t>(count) * sizeof(float);
    if (begin != run_end) run_begin = begin;
    run_end = end;
    // A page that is not wholly spent has weights of others.
    const std::uintptr_t from = (run_begin + page - 1) / page * page;
    const std::uintptr_t to = run_end / page * page;
    if (to < from + kRunBytes) return;
    // The run may begin in an array that was spent before, to which no pointer is kept.
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
    run_begin = to;
  };
}

}  // namespace lstmd::addon
