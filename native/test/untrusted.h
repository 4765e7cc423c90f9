#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "targets/target.h"

namespace lstmd::test {

/// Compiles words and weights that may hold anything on each of the targets and, where that
/// succeeds, steps from zeros and from a state that no step leaves. The sanitizers find what goes
/// wrong. A state of more than 16 million floats is not stepped, for the time that it would take.
///
/// @return why they did not compile, or an empty string
std::string StepUntrusted(const std::vector<std::int32_t>& words, const std::vector<float>& weights,
                          std::span<const Target* const> targets = SupportedTargets());

}  // namespace lstmd::test
