// The weights of an encoded program, wherever its tensors lie in memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace lstmd {

/// Parts that are numbered as if each lay behind the one before it. They belong to the caller.
class Weights {
 public:
  explicit Weights(std::span<const float> whole) : Weights(std::vector{whole}) {}

  explicit Weights(std::vector<std::span<const float>> parts) : parts_(std::move(parts)) {
    for (const std::span<const float> part : parts_) {
      ends_.push_back(size_ += static_cast<std::int64_t>(part.size()));
    }
  }

  std::int64_t size() const { return size_; }

  /// The `count` floats from `offset` on; null where they do not lie within one part.
  const float* Find(std::int64_t offset, std::int64_t count) const {
    if (offset < 0 || offset >= size_) return nullptr;
    const auto end = std::upper_bound(ends_.begin(), ends_.end(), offset);
    if (count > *end - offset) return nullptr;
    const std::span<const float> part = parts_[static_cast<std::size_t>(end - ends_.begin())];
    return part.data() + (static_cast<std::int64_t>(part.size()) - (*end - offset));
  }

 private:
  std::vector<std::span<const float>> parts_;
  /// The offset behind each part.
  std::vector<std::int64_t> ends_;
  std::int64_t size_ = 0;
};

}  // namespace lstmd
