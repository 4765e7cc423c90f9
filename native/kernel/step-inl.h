// One step of a group of lanes, for the vectors of the translation unit that includes this: it
// defines LSTMD_VECTOR_HEADER (the vector) and LSTMD_STEP_LANES (the function's name). Everything
// but that function is local to the unit, so that no other part of the binary can end up with its
// instructions; for the same reason there is nothing of the standard library in here.
#include <string.h>

#include "format.h"
#include "packed.h"
#include "target.h"
#include "weights.h"

#define LSTMD_INLINE [[gnu::always_inline]] static inline

namespace lstmd {
namespace {

// In the order of need:
// clang-format off
#include "math-inl.h"
#include "lanes-inl.h"
#include "product-inl.h"
#include "activation-inl.h"
#include "recurrent-inl.h"
#include "lstm-inl.h"
#include "gru-inl.h"
#include "cells-inl.h"
#include "pointwise-inl.h"
#include "counter-inl.h"
#include "time-inl.h"
#include "span-inl.h"
// clang-format on

/// The operation in the lanes of `set`, where all that it reads is fresh. Each case is one call:
/// what it needs of the stack is not set up for the others.
LSTMD_INLINE Outcomes StepOp(const PackedOp& op, const Lane* lanes, LaneSet set) {
  switch (op.code) {
    case OpCode::kLstm:
    case OpCode::kGru:
    case OpCode::kSimpleRnn:
      return Recurrent(op, lanes, set);
    case OpCode::kDense:
      return Dense(op, lanes, set);
    case OpCode::kActivation:
      return Activate(op, lanes, set);
    case OpCode::kConv:
      return Convolve(op, lanes, set);
    case OpCode::kAffine:
      return InEachLane<Affine>(op, lanes, set);
    case OpCode::kLayerNorm:
      return InEachLane<LayerNorm>(op, lanes, set);
    case OpCode::kMask:
      return InEachLane<Mask>(op, lanes, set);
    case OpCode::kMerge:
      return InEachLane<Merge>(op, lanes, set);
    case OpCode::kConcatenate:
      return InEachLane<Concatenate>(op, lanes, set);
    case OpCode::kTimeDense:
      return InEachLane<TimeDense>(op, lanes, set);
    case OpCode::kPrelu:
      return InEachLane<Prelu>(op, lanes, set);
    case OpCode::kPool:
      return InEachLane<Pool>(op, lanes, set);
    case OpCode::kGlobalPool:
      return InEachLane<GlobalPool>(op, lanes, set);
    case OpCode::kSkip:
      return InEachLane<Skip>(op, lanes, set);
  }
  return {0, set};
}

bool IsBounded(const float* values, int size) {
  const Vector limit = Set(kStateLimit);
  Truths are_bounded = AtMost(Set(0.0f), limit);
  int i = 0;
  for (; i + kWidth <= size; i += kWidth)
    are_bounded = Both(are_bounded, AtMost(Abs(LoadUnaligned(values + i)), limit));
  if (i < size) are_bounded = Both(are_bounded, AtMost(Abs(LoadFirst(values + i, size - i)), limit));
  return All(are_bounded);
}

}  // namespace

LaneSet LSTMD_STEP_LANES(const Packed& packed, const Lane* lanes, int count, LaneSet due) {
  LaneSet* const fresh = packed.fresh;
  LaneSet sound = (LaneSet{1} << count) - 1;
  for (int i = 0; i < packed.op_count; ++i) {
    const PackedOp& op = packed.ops[i];
    LaneSet set = op.is_head ? sound & due : sound;
    for (int k = 0; k < op.source_count && set != 0; ++k) set &= fresh[op.sources[k]];
    const Outcomes outcomes = set == 0 ? Outcomes{0, 0} : StepOp(op, lanes, set);
    sound &= ~outcomes.broken;
    fresh[op.output] = outcomes.fresh;
    if (op.mask_output != kNone) fresh[op.mask_output] = outcomes.fresh;
  }
  for (int i = 0; i < packed.hold_count; ++i) {
    const Hold& hold = packed.holds[i];
    ForEachLane(lanes, fresh[hold.value] & sound, [&hold](const Lane& lane) {
      memcpy(lane.state + hold.held_offset, lane.frame + hold.row, Bytes(hold.size));
      lane.state[hold.holds_offset] = 1;
    });
  }
  for (int i = 0; i < count; ++i)
    if (!IsBounded(lanes[i].state, packed.bounded_size)) sound &= ~(LaneSet{1} << i);
  return sound;
}

}  // namespace lstmd
