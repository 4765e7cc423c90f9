// The SIMD targets: the same source compiled for each, chosen at run time.
#pragma once

#include <span>
#include <string_view>

#include "packed.h"

namespace lstmd {

struct Target {
  const char* name;
  /// Floats of a vector.
  int width;
  bool (*is_supported)();
  /// Steps one lane: reads value 0, leaves the values and whether they are fresh.
  /// @param lane the lane's state, read and written in place
  /// @return false when the state is none that a step leaves: not finite, beyond kStateLimit, or
  ///   with a counter that counts nothing
  bool (*step_lane)(const Packed& packed, float* lane);
};

/// What this binary has and this CPU can run, best first.
std::span<const Target* const> SupportedTargets();

/// Null when this binary does not have it or this CPU cannot run it.
const Target* FindTarget(std::string_view name);

/// One for each translation unit step-<name>.cpp.
bool StepLaneScalar(const Packed& packed, float* lane);
bool StepLaneNeon(const Packed& packed, float* lane);
bool StepLaneSse2(const Packed& packed, float* lane);
bool StepLaneAvx2(const Packed& packed, float* lane);
bool StepLaneAvx512(const Packed& packed, float* lane);

}  // namespace lstmd
