// One step of a group of lanes, for the vectors of the translation unit that includes this: it
// defines LSTMD_VECTOR_HEADER (the vector) and LSTMD_STEPS (what it gives). Everything but that is
// local to the unit, so that no other part of the binary can end up with its
// instructions; for the same reason there is nothing of the standard library in here.
#include <string.h>

#include "format/codes.h"
#include "pack/packed.h"
#include "pack/weights.h"
#include "targets/target.h"

#define LSTMD_INLINE [[gnu::always_inline]] static inline

namespace lstmd {
namespace {

// In the order of need:
// clang-format off
#include "simd/math-inl.h"
#include "ops/lanes-inl.h"
#include "ops/product-inl.h"
#include "ops/matrix-inl.h"
#include "ops/activation-inl.h"
#include "ops/recurrent-inl.h"
#include "ops/lstm-inl.h"
#include "ops/gru-inl.h"
#include "ops/cells-inl.h"
#include "ops/pointwise-inl.h"
#include "ops/counter-inl.h"
#include "ops/time-inl.h"
#include "ops/span-inl.h"
// clang-format on

OpStep StepOf(const PackedOp& op) {
  switch (op.code) {
    case OpCode::kLstm:
    case OpCode::kGru:
    case OpCode::kSimpleRnn:
      return CellsOf(op);
    case OpCode::kDense:
      return op.matrix.layout == MatrixLayout::kRows ? InEachLane<DenseRows> : Dense;
    case OpCode::kActivation:
      return Activate;
    case OpCode::kConv:
      return Convolve;
    case OpCode::kAffine:
      return InEachLane<Affine>;
    case OpCode::kLayerNorm:
      return InEachLane<LayerNorm>;
    case OpCode::kMask:
      return InEachLane<Mask>;
    case OpCode::kMerge:
      return InEachLane<Merge>;
    case OpCode::kConcatenate:
      return InEachLane<Concatenate>;
    case OpCode::kTimeDense:
      return InEachLane<TimeDense>;
    case OpCode::kPrelu:
      return InEachLane<Prelu>;
    case OpCode::kPool:
      return InEachLane<Pool>;
    case OpCode::kGlobalPool:
      return InEachLane<GlobalPool>;
    case OpCode::kSkip:
      return InEachLane<Skip>;
  }
  return nullptr;
}

/// The operation in those of the lanes of `set` where all that it reads is fresh.
[[gnu::noinline]] Outcomes StepWhereFresh(const PackedOp& op, const Lane* lanes, LaneSet set,
                                          LaneSet* fresh) {
  for (int k = 0; k < op.source_count; ++k) set &= fresh[op.sources[k]];
  const Outcomes outcomes = set == 0 ? Outcomes{0, 0} : op.step(op, lanes, set);
  fresh[op.output] = outcomes.fresh;
  if (op.mask_output != kNone) fresh[op.mask_output] = outcomes.fresh;
  return outcomes;
}

bool IsBounded(const float* values, int size) {
  const Vector limit = Set(kStateLimit);
  Truths are_bounded = AtMost(Set(0.0f), limit);
  int i = 0;
  for (; i + kWidth <= size; i += kWidth)
    are_bounded = Both(are_bounded, AtMost(Abs(LoadUnaligned(values + i)), limit));
  if (i < size)
    are_bounded = Both(are_bounded, AtMost(Abs(LoadFirst(values + i, size - i)), limit));
  return All(are_bounded);
}

/// Steps some operations one after the other. Returns the lanes of `set` that stay sound.
LSTMD_INLINE LaneSet StepOps(const Packed& packed, const PackedOp* op, int count, const Lane* lanes,
                             LaneSet set) {
  for (const PackedOp* const end = op + count; op != end && set != 0; ++op)
    set &= ~(packed.is_plain ? op->step(*op, lanes, set)
                             : StepWhereFresh(*op, lanes, set, packed.fresh))
                .broken;
  return set;
}

LaneSet StepLanes(const Packed& packed, const Lane* lanes, int count, LaneSet due) {
  const int body_count = packed.op_count - packed.head_count;
  LaneSet sound = StepOps(packed, packed.ops, body_count, lanes, (LaneSet{1} << count) - 1);
  if (packed.ahead->is_wanted) {
    StepAhead(*packed.ahead, lanes[0]);
    packed.ahead->is_ready = true;
  }
  const LaneSet heads =
      StepOps(packed, packed.ops + body_count, packed.head_count, lanes, sound & due);
  sound &= ~(due & ~heads);
  for (int i = 0; i < packed.hold_count; ++i) {
    const Hold& hold = packed.holds[i];
    ForEachLane(lanes, packed.fresh[hold.value] & sound, [&hold](const Lane& lane) {
      memcpy(lane.state + hold.held_offset, lane.frame + hold.row, Bytes(hold.size));
      lane.state[hold.holds_offset] = 1;
    });
  }
  for (int i = 0; i < count; ++i)
    if (!IsBounded(lanes[i].state, packed.bounded_size)) sound &= ~(LaneSet{1} << i);
  return sound;
}

}  // namespace

extern const Steps LSTMD_STEPS;
const Steps LSTMD_STEPS = {StepOf, StepLanes};

}  // namespace lstmd
