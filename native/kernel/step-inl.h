// One step of a group of lanes, for the vectors of the translation unit that includes this: it
// defines LSTMD_VECTOR_HEADER (the vector) and LSTMD_STEP_LANES (the function's name). Everything
// but that function is local to the unit, so that no other part of the binary can end up with its
// instructions; for the same reason there is nothing of the standard library in here.
#include <string.h>

#include "format.h"
#include "packed.h"
#include "target.h"

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
#include "pointwise-inl.h"
#include "counter-inl.h"
#include "time-inl.h"
#include "span-inl.h"
// clang-format on

/// The operation in the lanes of `set`, where all that it reads is fresh.
Outcomes StepOp(const PackedOp& op, const Lane* lanes, LaneSet set) {
  const auto each = [&](auto work) {
    ForEachLane(lanes, set, work);
    return Outcomes{set, 0};
  };
  switch (op.code) {
    case OpCode::kLstm:
    case OpCode::kGru:
    case OpCode::kSimpleRnn:
      Recurrent(op, lanes, set);
      return {set, 0};
    case OpCode::kDense: {
      const Chosen chosen(lanes, set);
      MultiplyMatrix(op.matrix, op.matrix.weights, chosen.lanes, chosen.count, {op.x, op.y});
      return each([&](const Lane& lane) { Apply(op.activation, lane.frame + op.y, op.units); });
    }
    case OpCode::kActivation:
      return each([&](const Lane& lane) {
        Apply(op.activation, lane.frame + op.x, lane.frame + op.y, op.units);
      });
    case OpCode::kAffine:
      return each([&](const Lane& lane) { Affine(op, lane.frame + op.x, lane.frame + op.y); });
    case OpCode::kLayerNorm:
      return each([&](const Lane& lane) { LayerNorm(op, lane.frame + op.x, lane.frame + op.y); });
    case OpCode::kMask:
      return each([&](const Lane& lane) { Mask(op, lane); });
    case OpCode::kMerge:
      return each([&](const Lane& lane) { Merge(op, lane); });
    case OpCode::kConcatenate:
      return each([&](const Lane& lane) { Concatenate(op, lane); });
    case OpCode::kConv:
      return Convolve(op, lanes, set);
    case OpCode::kTimeDense:
      return CollectOutcomes(lanes, set, [&](const Lane& lane) { return TimeDense(op, lane); });
    case OpCode::kPrelu:
      return CollectOutcomes(lanes, set, [&](const Lane& lane) { return Prelu(op, lane); });
    case OpCode::kPool:
      return CollectOutcomes(lanes, set, [&](const Lane& lane) { return Pool(op, lane); });
    case OpCode::kGlobalPool:
      return CollectOutcomes(lanes, set, [&](const Lane& lane) { return GlobalPool(op, lane); });
    case OpCode::kSkip:
      return CollectOutcomes(lanes, set, [&](const Lane& lane) { return Skip(op, lane); });
  }
  return {0, set};
}

bool IsBounded(const float* values, int size) {
  const Vector limit = Set(kStateLimit);
  for (int i = 0; i < size; i += kWidth)
    if (!AllAtMost(Abs(LoadUpTo(values + i, size - i)), limit)) return false;
  return true;
}

}  // namespace

LaneSet LSTMD_STEP_LANES(const Packed& packed, const Lane* lanes, int count, LaneSet due) {
  LaneSet* const fresh = packed.fresh;
  LaneSet sound = (LaneSet{1} << count) - 1;
  for (int i = 0; i < packed.op_count; ++i) {
    const PackedOp& op = packed.ops[i];
    LaneSet set = op.is_head ? sound & due : sound;
    for (int k = 0; k < op.source_count; ++k) set &= fresh[op.sources[k]];
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
