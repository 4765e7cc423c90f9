#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "format/spec.h"
#include "pack/packed.h"
#include "pack/spent.h"

namespace lstmd {

/// Frees the allocation in which the floats lie.
struct FreeBlock {
  void* block = nullptr;
  void operator()(float* floats) const;
};

#define LSTMD_ALTERNATIVE(Name) , Packed<Name##Op>
using AnyPackedOp = std::variant<std::monostate LSTMD_STEP_OPERATIONS(LSTMD_ALTERNATIVE)>;
#undef LSTMD_ALTERNATIVE

/// Everything that stepping needs, the floats in one allocation.
struct PackedProgram {
  PackedSteps steps;
  PrecomputedSums precomputed;
  /// The workspaces of the group's lanes: one in whole windows.
  std::vector<float*> workspaces;
  /// Offset of each value in a workspace; the input sample, value 0, is first.
  std::vector<int> values;
  std::unique_ptr<LaneSet[]> fresh;
  /// In the order of stepping. With whole windows one for each operation, null but for scans.
  std::vector<const PackedOp*> ops;
  std::vector<HeldOutput> held_outputs;
  /// With whole windows: all rows of each value one after the other, and the scans' state.
  std::vector<float*> windows;
  float* scratch;

  std::unique_ptr<float, FreeBlock> memory;
  /// The operations that `ops` points to, and the arrays that they point to besides floats.
  std::vector<AnyPackedOp> operations;
  std::vector<std::vector<int>> indices;
  std::vector<std::vector<Part>> parts;
};

/// Packs for vectors of `width` floats.
///
/// @param step_of gives the function that steps an operation on the target
/// @param spent is told of the weights that are packed
/// @return what is wrong, or an empty string
std::string Pack(const Spec& spec, int width, OpStep (*step_of)(const PackedOp& op),
                 const Spent& spent, PackedProgram* program);

}  // namespace lstmd
