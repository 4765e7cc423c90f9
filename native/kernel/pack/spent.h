#pragma once

#include <cstdint>
#include <functional>

namespace lstmd {

/// Called with the first float and the count of weights that are packed and not read again, so that
/// their memory can be given back before all others are packed.
using Spent = std::function<void(const float* first, std::int64_t count)>;

/// Leaves the weights where they are.
inline void KeepWeights(const float*, std::int64_t) {}

}  // namespace lstmd
