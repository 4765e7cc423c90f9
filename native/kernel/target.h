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
  /// Steps a group of lanes together, each to the same bits as alone: reads value 0 of each frame,
  /// leaves the values and where they are fresh.
  /// @param lanes `count` of them, kGroup at most; the states are read and written in place
  /// @param due the lanes whose outputs are wanted
  /// @return the lanes whose state is one that a step leaves: finite, within kStateLimit, and with
  ///   no counter that counts nothing
  LaneSet (*step_lanes)(const Packed& packed, const Lane* lanes, int count, LaneSet due);
};

/// What this binary has and this CPU can run, best first.
std::span<const Target* const> SupportedTargets();

/// Null when this binary does not have it or this CPU cannot run it.
const Target* FindTarget(std::string_view name);

/// One for each translation unit step-<name>.cpp.
LaneSet StepLanesScalar(const Packed& packed, const Lane* lanes, int count, LaneSet due);
LaneSet StepLanesNeon(const Packed& packed, const Lane* lanes, int count, LaneSet due);
LaneSet StepLanesSse2(const Packed& packed, const Lane* lanes, int count, LaneSet due);
LaneSet StepLanesAvx2(const Packed& packed, const Lane* lanes, int count, LaneSet due);
LaneSet StepLanesAvx512(const Packed& packed, const Lane* lanes, int count, LaneSet due);

}  // namespace lstmd
