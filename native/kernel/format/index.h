#pragma once

#include <cstddef>
#include <cstdint>

namespace lstmd {

/// A position or a count of a program, which is never negative, as one in memory.
constexpr std::size_t Index(std::int64_t i) { return static_cast<std::size_t>(i); }

}  // namespace lstmd
