// The SIMD targets: the same source compiled for each, chosen at run time.
#pragma once

#include <span>
#include <string_view>

#include "pack/packed.h"

namespace lstmd {

/// What a target's translation unit gives: constants only, so that none of its code runs before it
/// is chosen.
struct Steps {
  /// What steps an operation.
  OpStep (*of)(const PackedOp& op);
  /// Steps a group of lanes together, each to the same bits as alone: reads value 0 of each frame,
  /// leaves the values and where they are fresh.
  /// @param lanes `count` of them, kGroup at most; the states are read and written in place
  /// @param due the lanes whose outputs are wanted
  /// @return the lanes whose state is one that a step leaves: finite, within kStateLimit, and with
  ///   no counter that counts nothing
  LaneSet (*lanes)(const Packed& packed, const Lane* lanes, int count, LaneSet due);
};

struct Target {
  const char* name;
  /// Floats of a vector.
  int width;
  bool (*is_supported)();
  const Steps* steps;
};

/// What this binary has and this CPU can run, best first.
std::span<const Target* const> SupportedTargets();

/// Null when this binary does not have it or this CPU cannot run it.
const Target* FindTarget(std::string_view name);

/// One for each translation unit step-<name>.cpp.
extern const Steps kScalarSteps;
extern const Steps kNeonSteps;
extern const Steps kSse2Steps;
extern const Steps kAvx2Steps;
extern const Steps kAvx512Steps;

}  // namespace lstmd
