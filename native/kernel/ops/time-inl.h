// Operations that count their inputs.
#pragma once

#include "ops/activation-inl.h"
#include "ops/counter-inl.h"
#include "ops/lanes-inl.h"
#include "ops/matrix-inl.h"
#include "ops/pointwise-inl.h"

namespace lstmd {
namespace {

/// The position of this input among `steps`. Leaves that of the next in the state. -1 where the
/// state has none.
LSTMD_INLINE int TakePosition(float* counter, int steps) {
  const int position = ReadCounter(counter, steps - 1);
  if (position >= 0) WriteCounter(counter, position + 1 == steps ? 0 : position + 1);
  return position;
}

Outcome StepTimeDense(const Packed<TimeDenseOp>& op, const Lane& lane) {
  const int position = TakePosition(lane.state + op.position_offset, op.steps);
  if (position < 0) return Outcome::kBroken;
  MultiplyMatrix(op.matrix, op.matrix.weights + position * op.step_size, &lane, 1, {op.x, op.y});
  float* const acc = lane.state + op.acc_offset;
  float* const y = lane.workspace + op.y;
  for (int unit = 0; unit < op.units; ++unit) {
    acc[unit] = position == 0 ? y[unit] : acc[unit] + y[unit];
    y[unit] = acc[unit] + op.bias[unit];
  }
  Apply(op.activation, y, op.units);
  return Outcome::kFresh;
}

OpStep StepOf(const Packed<TimeDenseOp>&) { return InEachLane<TimeDenseOp, StepTimeDense>; }

Outcome StepPrelu(const Packed<PreluOp>& op, const Lane& lane) {
  const int position = op.steps == 1 ? 0 : TakePosition(lane.state + op.position_offset, op.steps);
  if (position < 0) return Outcome::kBroken;
  const float* const x = lane.workspace + op.x;
  float* const y = lane.workspace + op.y;
  const float* const alpha = op.alpha + std::int64_t{position} * op.units;
  for (int i = 0; i < op.units; ++i) y[i] = x[i] > 0 ? x[i] : alpha[i] * x[i];
  return Outcome::kFresh;
}

OpStep StepOf(const Packed<PreluOp>&) { return InEachLane<PreluOp, StepPrelu>; }

Outcome StepSkip(const Packed<SkipOp>& op, const Lane& lane) {
  float* const counter = lane.state + op.count_offset;
  const int count = ReadCounter(counter, op.count);
  if (count < 0) return Outcome::kBroken;
  if (count < op.count) {
    WriteCounter(counter, count + 1);
    return Outcome::kStale;
  }
  memcpy(lane.workspace + op.y, lane.workspace + op.x, Bytes(op.units));
  return Outcome::kFresh;
}

OpStep StepOf(const Packed<SkipOp>&) { return InEachLane<SkipOp, StepSkip>; }

Outcome StepBegin(const Packed<BeginOp>& op, const Lane& lane) {
  float* const begun = lane.state + op.begun_offset;
  const int is_begun = ReadCounter(begun, 1);
  if (is_begun < 0) return Outcome::kBroken;
  if (is_begun == 0) {
    memcpy(lane.state + op.states_offset, op.states, Bytes(op.count));
    WriteCounter(begun, 1);
  }
  memcpy(lane.workspace + op.y, lane.workspace + op.x, Bytes(op.units));
  return Outcome::kFresh;
}

OpStep StepOf(const Packed<BeginOp>&) { return InEachLane<BeginOp, StepBegin>; }

void StepRecall(const Packed<RecallOp>& op, const Lane& lane) {
  memcpy(lane.workspace + op.y, lane.state + op.state_offset, Bytes(op.units));
}

OpStep StepOf(const Packed<RecallOp>&) { return InEachLane<RecallOp, StepRecall>; }

void StepKeep(const Packed<KeepOp>& op, const Lane& lane) {
  memcpy(lane.state + op.state_offset, lane.workspace + op.x, Bytes(op.units));
  memcpy(lane.workspace + op.y, lane.workspace + op.x, Bytes(op.units));
}

OpStep StepOf(const Packed<KeepOp>&) { return InEachLane<KeepOp, StepKeep>; }

Outcome StepGlobalPool(const Packed<GlobalPoolOp>& op, const Lane& lane) {
  float* const counter = lane.state + op.count_offset;
  float* const acc = lane.state + op.acc_offset;
  float* const y = lane.workspace + op.y;
  int count = ReadCounter(counter, kSeenLimit);
  if (count < 0) return Outcome::kBroken;
  if (op.mask == kNone || lane.workspace[op.mask] != 0) {
    for (int i = 0; i < op.units; ++i) {
      const float x = lane.workspace[op.x + i];
      acc[i] = count == 0 ? x : op.operation == PoolCode::kMaximum ? Larger(acc[i], x) : acc[i] + x;
    }
    if (count < kSeenLimit) ++count;
    WriteCounter(counter, count);
  }
  if (count == 0) return Outcome::kStale;
  const float divisor = op.operation == PoolCode::kAverage ? static_cast<float>(count) : 1;
  for (int i = 0; i < op.units; ++i) y[i] = acc[i] / divisor;
  return Outcome::kFresh;
}

OpStep StepOf(const Packed<GlobalPoolOp>&) { return InEachLane<GlobalPoolOp, StepGlobalPool>; }

}  // namespace
}  // namespace lstmd
