#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "format/spec.h"
#include "pack/arena.h"
#include "pack/pack.h"
#include "pack/packed.h"
#include "pack/spent.h"

namespace lstmd {

/// Says where in a workspace an operation finds room for what it needs within one step.
struct StepScratch {
  /// The gates of a recurrent layer, or the inputs of a filter's group.
  int gates;
  /// Holds what one product reads side by side.
  int gathered;
};

/// Packs the operations of a program, one after the other: their sizes and offsets into the
/// program, their weights into the arena.
class OpPacker {
 public:
  /// @param program the places of the values in a workspace are there already
  OpPacker(const Spec& spec, const StepScratch& scratch, Arena& arena, const Spent& spent,
           PackedProgram& program)
      : spec_(spec), scratch_(scratch), arena_(arena), spent_(spent), program_(program) {}

  /// @return the operation, which the program owns
  PackedOp* Pack(const OpSpec& spec);

  /// Returns whether every folded weight so far is finite.
  bool is_finite() const { return is_finite_; }

 private:
  int Row(int value) const { return program_.values[static_cast<std::size_t>(value)]; }
  int MaskRow(int mask) const { return mask == kNone ? kNone : Row(mask); }

#define LSTMD_PACK(Name) \
  void PackOperands(const OpSpec& spec, const Name##Op& op, Packed<Name##Op>* packed);
  LSTMD_STEP_OPERATIONS(LSTMD_PACK)
#undef LSTMD_PACK

  void PackHeader(const OpSpec& spec, PackedOp* packed);
  void PackRecurrent(const OpSpec& spec, const RecurrentOp& op, PackedRecurrent* packed);
  static void PackSpan(const SpanOp& op, PackedSpan* packed);
  void PackGroups(const OpSpec& spec, const ConvOp& op, Packed<ConvOp>* packed);
  Activation PackActivation(Activation activation, int size);
  const float* PackPeepholes(const float* peepholes, int units);
  Matrix PackKernel(const float* kernel, const float* bias, int inputs, int units);
  const Part* PackParts(const OpSpec& spec);
  const int* Keep(const std::vector<int>& indices);

  const Spec& spec_;
  const StepScratch scratch_;
  Arena& arena_;
  const Spent& spent_;
  PackedProgram& program_;
  bool is_finite_ = true;
};

}  // namespace lstmd
