#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lstmd::test {

/// Compiles words and weights that may hold anything on every target and, where that succeeds,
/// steps from zeros and from a state that no step leaves. The sanitizers find what goes wrong.
///
/// @param most_floats a larger state is not stepped, for the time that it would take
/// @return why they did not compile, or an empty string
std::string StepUntrusted(const std::vector<std::int32_t>& words, const std::vector<float>& weights,
                          std::size_t most_floats = std::size_t{1} << 24);

}  // namespace lstmd::test
