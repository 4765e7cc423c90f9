#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lstmd::test {

/// Compiles on every target and, where that succeeds, steps from zeros and from what no step
/// leaves, whatever words and weights are: the sanitizers watch.
///
/// @param most_floats a larger state is not stepped, for the time that it would take
/// @return what is wrong with them, or an empty string
std::string Try(const std::vector<std::int32_t>& words, const std::vector<float>& weights,
                std::size_t most_floats = std::size_t{1} << 24);

}  // namespace lstmd::test
