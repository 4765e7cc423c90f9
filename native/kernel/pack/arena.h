#pragma once

#include <cstddef>
#include <cstdint>

#include "pack/packed.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

namespace lstmd {

inline constexpr std::size_t kLineFloats = kAlignment / sizeof(float);

/// Hands out aligned parts of one allocation, all zeros, for vectors of `width` floats. Without
/// memory it only counts.
class Arena {
 public:
  Arena(float* memory, int width) : memory_(memory), width_(width) {}

  int width() const { return width_; }
  bool is_counting() const { return memory_ == nullptr; }
  std::size_t size() const { return used_; }
  float* next() const { return is_counting() ? nullptr : memory_ + used_; }

  std::int64_t RoundUp(std::int64_t count) const { return (count + width_ - 1) / width_ * width_; }

  /// At least `count` floats, up to a whole cache line.
  float* Take(std::int64_t count) {
    float* run = next();
    used_ += (static_cast<std::size_t>(count) + kLineFloats - 1) / kLineFloats * kLineFloats;
    Guard();
    return run;
  }

  /// A copy of `count` floats; null where there are none to copy.
  float* Copy(const float* values, std::int64_t count) {
    if (values == nullptr) return nullptr;
    float* const run = Take(count);
    for (std::int64_t i = 0; i < count && run != nullptr; ++i) run[i] = values[i];
    return run;
  }

 private:
  /// Puts a line that nobody may touch after each part: in one allocation AddressSanitizer would
  /// not see an access beyond a part.
  void Guard() {
#ifdef __SANITIZE_ADDRESS__
    if (!is_counting()) ASAN_POISON_MEMORY_REGION(memory_ + used_, kAlignment);
    used_ += kLineFloats;
#endif
  }

  float* memory_;
  int width_;
  std::size_t used_ = 0;
};

}  // namespace lstmd
