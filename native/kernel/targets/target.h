// The SIMD targets: the same source, compiled for each. Which of them runs is chosen at run time.
#pragma once

#include <span>
#include <string_view>

#include "pack/packed.h"

namespace lstmd {

struct Target {
  const char* name;
  /// Floats of a vector.
  int width;
  bool (*is_supported)();
  const StepFunctions* functions;
};

/// The targets that this binary has and this CPU can run, the fastest first.
std::span<const Target* const> SupportedTargets();

/// Null when this binary does not have it or this CPU cannot run it.
const Target* FindTarget(std::string_view name);

}  // namespace lstmd
