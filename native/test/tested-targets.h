// The targets that tests step.
#pragma once

#include <span>

#include "targets/target.h"
#include "test.h"

namespace lstmd::test {

/// Returns the targets that this CPU supports, but under emulation none of those without vectors,
/// the last: no instruction of theirs is new there, and the sanitizers watch the same code on this
/// machine.
inline std::span<const Target* const> TestedTargets() {
  const std::span<const Target* const> supported = SupportedTargets();
  return IsEmulated() ? supported.first(supported.size() - 1) : supported;
}

}  // namespace lstmd::test
