// One step of a group of lanes, for the vectors of the unit that includes this: it defines
// LSTMD_VECTOR_HEADER, its vectors, and LSTMD_STEP_FUNCTIONS, the name of the functions it gives.
#pragma once

#include "ops/arrangement-inl.h"
#include "ops/gru-inl.h"
#include "ops/lanes-inl.h"
#include "ops/lstm-inl.h"
#include "ops/pointwise-inl.h"
#include "ops/recurrent-inl.h"
#include "ops/span-inl.h"
#include "ops/time-inl.h"
#include "pack/packed.h"
#include "simd/math-inl.h"

namespace lstmd {
namespace {

OpStep StepOfAny(const PackedOp& op) {
  switch (op.code) {
#define LSTMD_STEP_OF(Name) \
  case OpCode::k##Name:     \
    return StepOf(static_cast<const Packed<Name##Op>&>(op));
    LSTMD_STEP_OPERATIONS(LSTMD_STEP_OF)
#undef LSTMD_STEP_OF
  }
  return nullptr;
}

/// Steps an operation in those of the lanes of `set` in which all that it reads is fresh.
[[gnu::noinline]] Outcomes StepWhereFresh(const PackedOp& op, const Lane* lanes, LaneSet set,
                                          LaneSet* fresh) {
  for (int k = 0; k < op.source_count; ++k) set &= fresh[op.sources[k]];
  const Outcomes outcomes = set == 0 ? Outcomes{0, 0} : op.step(op, lanes, set);
  fresh[op.output] = outcomes.fresh;
  if (op.mask_output != kNone) fresh[op.mask_output] = outcomes.fresh;
  return outcomes;
}

/// Returns whether all values are surely finite and far within kStateLimit. The sums of their
/// squares tell, which take one instruction a vector: what is not finite comes through them.
LSTMD_INLINE bool IsFarWithinBounds(const float* values, int size) {
  Vector even = Set(0.0f);
  Vector odd = Set(0.0f);
  int i = 0;
  for (; i + 2 * kWidth <= size; i += 2 * kWidth) {
    const Vector first = LoadUnaligned(values + i);
    const Vector second = LoadUnaligned(values + i + kWidth);
    even = MultiplyAdd(first, first, even);
    odd = MultiplyAdd(second, second, odd);
  }
  for (; i < size; i += kWidth) {
    const Vector last = LoadUpTo(values + i, size - i);
    even = MultiplyAdd(last, last, even);
  }
  return AllTrue(AtMost(Add(even, odd), Set(kStateLimit)));
}

[[gnu::noinline]] bool IsBoundedExactly(const float* values, int size) {
  const Vector limit = Set(kStateLimit);
  VectorMask are_bounded = AtMost(Set(0.0f), limit);
  for (int i = 0; i < size; i += kWidth)
    are_bounded = And(are_bounded, AtMost(Abs(LoadUpTo(values + i, size - i)), limit));
  return AllTrue(are_bounded);
}

/// Returns whether all values are finite and within kStateLimit.
LSTMD_INLINE bool IsBounded(const float* values, int size) {
  return IsFarWithinBounds(values, size) || IsBoundedExactly(values, size);
}

/// Steps `count` operations one after the other. Returns the lanes of `set` whose state stays
/// valid.
LSTMD_INLINE LaneSet StepOps(const PackedSteps& steps, const PackedOp* const* op, int count,
                             const Lane* lanes, LaneSet set) {
  for (const PackedOp* const* const end = op + count; op != end && set != 0; ++op)
    set &= ~(steps.is_always_fresh ? (*op)->step(**op, lanes, set)
                                   : StepWhereFresh(**op, lanes, set, steps.fresh))
                .broken;
  return set;
}

/// `StepLanes` of one plain lane, where little is left beside the work of the operations.
LSTMD_INLINE LaneSet StepPlainLane(const PackedSteps& steps, const Lane* lane, LaneSet due) {
  const PackedOp* const* op = steps.ops;
  const PackedOp* const* const end = op + steps.op_count;
  const PackedOp* const* const heads = end - steps.head_count;
  for (; op != heads; ++op)
    if ((*op)->step(**op, lane, 1).broken != 0) return 0;
  if (steps.precomputed->is_wanted) {
    Precompute(*steps.precomputed, *lane);
    steps.precomputed->is_ready = true;
  }
  for (; op != end && due != 0; ++op)
    if ((*op)->step(**op, lane, 1).broken != 0) return 0;
  return IsBounded(lane->state, steps.bounded_size) ? 1 : 0;
}

[[gnu::noinline]] LaneSet StepGroup(const PackedSteps& steps, const Lane* lanes, int count,
                                    LaneSet due) {
  const int body_count = steps.op_count - steps.head_count;
  LaneSet valid = StepOps(steps, steps.ops, body_count, lanes, (LaneSet{1} << count) - 1);
  if (steps.precomputed->is_wanted) {
    Precompute(*steps.precomputed, lanes[0]);
    steps.precomputed->is_ready = true;
  }
  const LaneSet heads =
      StepOps(steps, steps.ops + body_count, steps.head_count, lanes, valid & due);
  valid &= ~(due & ~heads);
  for (int i = 0; i < steps.held_output_count; ++i) {
    const HeldOutput& held = steps.held_outputs[i];
    ForEachLane(lanes, steps.fresh[held.value] & valid, [&held](const Lane& lane) {
      memcpy(lane.state + held.held_offset, lane.workspace + held.row, Bytes(held.size));
      lane.state[held.holds_offset] = 1;
    });
  }
  for (int i = 0; i < count; ++i)
    if (!IsBounded(lanes[i].state, steps.bounded_size)) valid &= ~(LaneSet{1} << i);
  return valid;
}

/// The state is looked at after each sample of each operation that has a part of it: so each part
/// is seen as it is after each sample, as where the samples are stepped one after the other.
[[maybe_unused]] bool StepRun(const PackedSteps& steps, const Lane* lanes, int count) {
  const PackedOp* const* const end = steps.ops + steps.op_count;
  for (const PackedOp* const* op = steps.ops; op != end; ++op) {
    for (int i = 0; i < count; ++i) {
      if ((*op)->step(**op, lanes + i, 1).broken != 0) return false;
      if ((*op)->has_state && !IsBounded(lanes[i].state, steps.bounded_size)) return false;
    }
  }
  return true;
}

LaneSet StepLanes(const PackedSteps& steps, const Lane* lanes, int count, LaneSet due) {
  if (count == 1 && steps.is_plain) [[likely]]
    return StepPlainLane(steps, lanes, due);
  return StepGroup(steps, lanes, count, due);
}

}  // namespace

// A file that is opened alone gives nothing.
#ifdef LSTMD_STEP_FUNCTIONS
extern const StepFunctions LSTMD_STEP_FUNCTIONS;
const StepFunctions LSTMD_STEP_FUNCTIONS = {StepOfAny, StepLanes, kStepsRuns ? StepRun : nullptr};
#endif

}  // namespace lstmd
