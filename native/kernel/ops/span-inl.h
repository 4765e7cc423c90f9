// Convolution and pooling over time.
#pragma once

#include "ops/activation-inl.h"
#include "ops/counter-inl.h"
#include "ops/lanes-inl.h"
#include "ops/matrix-inl.h"
#include "ops/pointwise-inl.h"

namespace lstmd {
namespace {

/// Appends the input of this step to the history, and drops the oldest input.
LSTMD_INLINE void AppendToHistory(const PackedSpan& op, const Lane& lane) {
  if (op.history == 0) return;
  float* const history = lane.state + op.history_offset;
  const int kept = (op.history - 1) * op.inputs;
  memmove(history, history + op.inputs, Bytes(kept));
  memcpy(history + kept, lane.workspace + op.x, Bytes(op.inputs));
}

/// Counts the input. Where it completes a span, calls `compute()` before the input joins the
/// history.
template <typename Compute>
LSTMD_INLINE Outcome StepSpan(const PackedSpan& op, const Lane& lane, Compute compute) {
  float* const counter = lane.state + op.count_offset;
  const int last = op.first + op.stride - 1;
  const int count = ReadCounter(counter, last);
  if (count < 0) return Outcome::kBroken;
  const bool is_complete = count == op.first;
  if (is_complete) compute();
  AppendToHistory(op, lane);
  WriteCounter(counter, count == last ? op.first : count + 1);
  return is_complete ? Outcome::kFresh : Outcome::kStale;
}

/// Puts the inputs under a convolution's taps side by side.
LSTMD_INLINE void GatherTaps(const Packed<ConvOp>& op, const Lane& lane) {
  const float* const history = lane.state + op.history_offset;
  float* const gathered = lane.workspace + op.gathered;
  float* next = gathered;
  for (int tap = 0; tap + 1 < op.size; ++tap, next += op.inputs)
    memcpy(next, history + tap * op.dilation * op.inputs, Bytes(op.inputs));
  memcpy(next, lane.workspace + op.x, Bytes(op.inputs));
  ZeroTail(gathered, op.size * op.inputs);
}

/// Applies each filter to the inputs of its own group.
void ConvolveGroups(const Packed<ConvOp>& op, const Lane& lane) {
  const int size = RoundUp(op.units);
  const float* w = op.group_weights;
  float* const y = lane.workspace + op.y;
  float* const inputs = lane.workspace + op.filter_inputs;
  memcpy(y, op.matrix.bias, Bytes(size));
  for (int tap = 0; tap < op.size; ++tap) {
    const float* const x = lane.workspace + op.gathered + tap * op.inputs;
    for (int input = 0; input < op.inputs_per_group; ++input, w += size) {
      for (int filter = 0; filter < op.units; ++filter)
        inputs[filter] = x[op.group_inputs[filter] + input];
      for (int i = 0; i < op.units; i += kWidth)
        Store(y + i, MultiplyAdd(Load(inputs + i), Load(w + i), Load(y + i)));
    }
  }
  ZeroTail(y, op.units);
}

[[gnu::noinline]] Outcomes StepConv(const PackedOp& packed, const Lane* lanes, LaneSet set) {
  const auto& op = static_cast<const Packed<ConvOp>&>(packed);
  const Outcomes outcomes = CollectOutcomes(lanes, set, [&op](const Lane& lane) {
    return StepSpan(op, lane, [&op, &lane] { GatherTaps(op, lane); });
  });
  const LaneList complete(lanes, outcomes.fresh);
  if (op.group_inputs == nullptr)
    MultiplyMatrix(op.matrix, op.matrix.weights, complete.lanes, complete.count,
                   {op.gathered, op.y});
  for (int i = 0; i < complete.count; ++i) {
    if (op.group_inputs != nullptr) ConvolveGroups(op, complete.lanes[i]);
    Apply(op.activation, complete.lanes[i].workspace + op.y, op.units);
  }
  return outcomes;
}

OpStep StepOf(const Packed<ConvOp>&) { return StepConv; }

/// Pools `taps` inputs, of which this one is the last.
LSTMD_INLINE void PoolTaps(const Packed<PoolOp>& op, const Lane& lane, int taps) {
  float* const y = lane.workspace + op.y;
  memcpy(y, lane.workspace + op.x, Bytes(op.units));
  const int first = op.history - (taps - 1) * op.dilation;
  const float* x = lane.state + op.history_offset + first * op.inputs;
  for (int tap = 1; tap < taps; ++tap, x += op.dilation * op.inputs)
    for (int i = 0; i < op.units; ++i)
      y[i] = op.operation == PoolCode::kMaximum ? Larger(y[i], x[i]) : y[i] + x[i];
  if (op.operation == PoolCode::kMaximum) return;
  for (int i = 0; i < op.units; ++i) y[i] /= static_cast<float>(taps);
}

Outcome StepPool(const Packed<PoolOp>& op, const Lane& lane) {
  int seen = op.history;
  if (op.seen_offset != kNone) {
    float* const counter = lane.state + op.seen_offset;
    seen = ReadCounter(counter, op.history);
    if (seen < 0) return Outcome::kBroken;
    if (seen < op.history) WriteCounter(counter, seen + 1);
  }
  return StepSpan(op, lane, [&op, &lane, seen] { PoolTaps(op, lane, seen / op.dilation + 1); });
}

OpStep StepOf(const Packed<PoolOp>&) { return InEachLane<PoolOp, StepPool>; }

}  // namespace
}  // namespace lstmd
