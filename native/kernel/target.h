// The SIMD targets: the same source compiled for each, chosen at run time.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "packed.h"

namespace lstmd {

struct Target {
  const char* name;
  /// Floats of a vector.
  int width;
  bool (*is_supported)();
  /// Steps one lane: reads value 0, leaves the values of the outputs in their buffers.
  /// @param lane the lane's state, read and written in place
  /// @param age steps that the lane has made since it was zeroed (the W[t] of a sum over time)
  /// @return false when the state is no longer finite and within kStateLimit
  bool (*step_lane)(const Packed& packed, float* lane, std::int64_t age);
};

/// What this binary has and this CPU can run, best first.
std::span<const Target* const> SupportedTargets();

/// Null when this binary does not have it or this CPU cannot run it.
const Target* FindTarget(std::string_view name);

/// One for each translation unit step-<name>.cpp.
bool StepLaneScalar(const Packed& packed, float* lane, std::int64_t age);
bool StepLaneAvx2(const Packed& packed, float* lane, std::int64_t age);
bool StepLaneAvx512(const Packed& packed, float* lane, std::int64_t age);

}  // namespace lstmd
