#pragma once

#include <memory>
#include <vector>

#include "format/spec.h"
#include "pack/packed.h"

namespace lstmd {

struct FreeAligned {
  void operator()(float* floats) const;
};

/// Everything that stepping needs, the floats in one allocation.
struct PackedProgram {
  Packed packed;
  Ahead ahead;
  /// Frames of the group's lanes: one in whole windows.
  std::vector<float*> frames;
  /// Offset in a frame of each value; the input sample, value 0, is first.
  std::vector<int> values;
  std::unique_ptr<LaneSet[]> fresh;
  /// One for each step operation; with whole windows one for each operation, of which only the
  /// scans' mean something.
  std::vector<PackedOp> ops;
  std::vector<Hold> holds;
  /// With whole windows: all rows of each value one after the other, and the scans' state.
  std::vector<float*> windows;
  float* scratch;

  std::unique_ptr<float, FreeAligned> memory;
  /// What the operations point to besides floats.
  std::vector<std::vector<int>> indices;
  std::vector<std::vector<Part>> parts;
};

/// Packs for vectors of `width` floats.
/// Returns what is wrong, or an empty string.
std::string Pack(const Spec& spec, int width, PackedProgram* program);

}  // namespace lstmd
