// The common part of recurrent layers, and the SimpleRNN.
#pragma once

#include "ops/activation-inl.h"
#include "ops/lanes-inl.h"
#include "ops/matrix-inl.h"
#include "pack/packed.h"

namespace lstmd {
namespace {

/// Leaky ReLU with a slope from 0 to 1; 1 leaves h as it is.
LSTMD_INLINE Vector LeakyRelu(Vector slope, Vector h) { return Max(Multiply(slope, h), h); }

/// Applies an activation to what is bounded to [-clip, clip] first.
LSTMD_INLINE void ApplyClipped(const Activation& activation, float clip, float* values, int size) {
  if (clip != __builtin_inff()) {
    const Vector most = Set(clip);
    const Vector least = Set(-clip);
    for (int i = 0; i < size; i += kWidth)
      Store(values + i, Min(most, Max(least, Load(values + i))));
  }
  Apply(activation, values, size);
}

/// Applies the fused activation to y, to which the leaky ReLU has been applied.
LSTMD_INLINE void ApplyFusedActivation(const PackedRecurrent& op, const Lane* lanes, int count) {
  for (int i = 0; i < count; ++i) {
    float* const y = lanes[i].workspace + op.y;
    if (op.fused_activation.code != ActivationCode::kLinear)
      Apply(op.fused_activation, y, op.units);
    ZeroTail(y, op.units);
  }
}

/// Copies the new h from y to the state, and leaves in y what follows the layer. The cells leave h
/// in y where each part of them reads the whole previous h.
LSTMD_INLINE void StoreHiddenState(const PackedRecurrent& op, const Lane* lanes, int count) {
  const Vector slope = Set(op.fused_slope);
  for (int i = 0; i < count; ++i) {
    float* const y = lanes[i].workspace + op.y;
    float* const h = lanes[i].state + op.h_offset;
    for (int unit = 0; unit < op.units; unit += kWidth) {
      const Vector next = Load(y + unit);
      StoreUpTo(h + unit, next, op.units - unit);
      Store(y + unit, LeakyRelu(slope, next));
    }
  }
  ApplyFusedActivation(op, lanes, count);
}

/// Gives h as the output in the masked lanes. Returns the others.
LSTMD_INLINE LaneSet SkipMasked(const PackedRecurrent& op, const Lane* lanes, LaneSet set) {
  LaneSet rest = set;
  for (int i = 0; rest >> i != 0; ++i) {
    if ((rest >> i & 1) == 0 || lanes[i].workspace[op.mask] != 0) continue;
    memcpy(lanes[i].workspace + op.y, lanes[i].state + op.h_offset, Bytes(op.units));
    set &= ~(LaneSet{1} << i);
  }
  return set;
}

/// Puts h and x side by side at `gathered`, for a product with one matrix.
LSTMD_INLINE void GatherHiddenAndInput(const PackedRecurrent& op, int gathered_offset,
                                       const Lane* lanes, int count) {
  for (int i = 0; i < count; ++i) {
    float* const gathered = lanes[i].workspace + gathered_offset;
    memcpy(gathered, lanes[i].state + op.h_offset, Bytes(op.units));
    memcpy(gathered + op.units, lanes[i].workspace + op.x, Bytes(op.inputs));
    ZeroTail(gathered, op.units + op.inputs);
  }
}

void StepSimpleRnn(const Packed<SimpleRnnOp>& op, const Lane* lanes, int count) {
  GatherHiddenAndInput(op, op.gathered, lanes, count);
  MultiplyMatrix(op.matrix, op.matrix.weights, lanes, count, {op.gathered, op.y});
  for (int i = 0; i < count; ++i)
    ApplyClipped(op.activation, op.clip, lanes[i].workspace + op.y, op.units);
  StoreHiddenState(op, lanes, count);
}

template <typename Op, void (*kCells)(const Packed<Op>&, const Lane*, int)>
[[gnu::noinline]] void StepListedCells(const Packed<Op>& op, const Lane* lanes, LaneSet set) {
  const LaneList list(lanes, op.mask == kNone ? set : SkipMasked(op, lanes, set));
  if (list.count != 0) kCells(op, list.lanes, list.count);
}

/// The OpStep of a recurrent layer: masked lanes keep their state. A lone lane needs no list.
template <typename Op, void (*kCells)(const Packed<Op>&, const Lane*, int)>
[[gnu::noinline]] Outcomes StepCells(const PackedOp& packed, const Lane* lanes, LaneSet set) {
  const auto& op = static_cast<const Packed<Op>&>(packed);
  if (set == 1 && op.mask == kNone) {
    kCells(op, lanes, 1);
  } else {
    StepListedCells<Op, kCells>(op, lanes, set);
  }
  return {set, 0};
}

OpStep StepOf(const Packed<SimpleRnnOp>&) { return StepCells<SimpleRnnOp, StepSimpleRnn>; }

}  // namespace
}  // namespace lstmd
