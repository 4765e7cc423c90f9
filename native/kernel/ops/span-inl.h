// Convolution and pooling over time. Included by step-inl.h.

/// Moves the history on by the input of this step.
LSTMD_INLINE void Remember(const PackedOp& op, const Lane& lane) {
  if (op.history == 0) return;
  float* const history = lane.state + op.history_offset;
  const int kept = (op.history - 1) * op.inputs;
  memmove(history, history + op.inputs, Bytes(kept));
  memcpy(history + kept, lane.frame + op.x, Bytes(op.inputs));
}

/// Counts the input; where it completes a span, `compute()` takes it before it joins the history.
template <typename Compute>
LSTMD_INLINE Outcome Span(const PackedOp& op, const Lane& lane, Compute compute) {
  float* const counter = lane.state + op.count_offset;
  const int last = op.first + op.stride - 1;
  const int count = ReadCounter(counter, last);
  if (count < 0) return Outcome::kBroken;
  const bool is_complete = count == op.first;
  if (is_complete) compute();
  Remember(op, lane);
  WriteCounter(counter, count == last ? op.first : count + 1);
  return is_complete ? Outcome::kFresh : Outcome::kStale;
}

/// The inputs that a convolution looks at, one after the other.
LSTMD_INLINE void GatherTaps(const PackedOp& op, const Lane& lane) {
  const float* const history = lane.state + op.history_offset;
  float* const gathered = lane.frame + op.gathered;
  float* next = gathered;
  for (int tap = 0; tap + 1 < op.size; ++tap, next += op.inputs)
    memcpy(next, history + tap * op.dilation * op.inputs, Bytes(op.inputs));
  memcpy(next, lane.frame + op.x, Bytes(op.inputs));
  ZeroTail(gathered, op.size * op.inputs);
}

/// Each filter of its own group's inputs.
void ConvolveGroups(const PackedOp& op, const Lane& lane) {
  const int size = RoundUp(op.units);
  const float* w = op.weights;
  float* const y = lane.frame + op.y;
  float* const inputs = lane.frame + op.gates;
  memcpy(y, op.matrix.bias, Bytes(size));
  for (int tap = 0; tap < op.size; ++tap) {
    const float* const x = lane.frame + op.gathered + tap * op.inputs;
    for (int input = 0; input < op.inputs_per_group; ++input, w += size) {
      for (int filter = 0; filter < op.units; ++filter)
        inputs[filter] = x[op.group_inputs[filter] + input];
      for (int i = 0; i < op.units; i += kWidth)
        Store(y + i, MultiplyAdd(Load(inputs + i), Load(w + i), Load(y + i)));
    }
  }
  ZeroTail(y, op.units);
}

[[gnu::noinline]] Outcomes Convolve(const PackedOp& op, const Lane* lanes, LaneSet set) {
  const Outcomes outcomes = CollectOutcomes(lanes, set, [&op](const Lane& lane) {
    return Span(op, lane, [&op, &lane] { GatherTaps(op, lane); });
  });
  const Chosen complete(lanes, outcomes.fresh);
  if (op.group_inputs == nullptr)
    MultiplyMatrix(op.matrix, op.matrix.weights, complete.lanes, complete.count,
                   {op.gathered, op.y});
  for (int i = 0; i < complete.count; ++i) {
    if (op.group_inputs != nullptr) ConvolveGroups(op, complete.lanes[i]);
    Apply(op.activation, complete.lanes[i].frame + op.y, op.units);
  }
  return outcomes;
}

/// Of the last `taps` inputs, this one included.
LSTMD_INLINE void PoolTaps(const PackedOp& op, const Lane& lane, int taps) {
  float* const y = lane.frame + op.y;
  memcpy(y, lane.frame + op.x, Bytes(op.units));
  const float* x = lane.state + op.history_offset + (op.history + 1 - taps) * op.inputs;
  for (int tap = 1; tap < taps; ++tap, x += op.inputs)
    for (int i = 0; i < op.units; ++i)
      y[i] = op.pool == PoolCode::kMaximum ? Larger(y[i], x[i]) : y[i] + x[i];
  if (op.pool == PoolCode::kMaximum) return;
  for (int i = 0; i < op.units; ++i) y[i] /= static_cast<float>(taps);
}

Outcome Pool(const PackedOp& op, const Lane& lane) {
  int seen = op.history;
  if (op.seen_offset != kNone) {
    float* const counter = lane.state + op.seen_offset;
    seen = ReadCounter(counter, op.history);
    if (seen < 0) return Outcome::kBroken;
    if (seen < op.history) WriteCounter(counter, seen + 1);
  }
  return Span(op, lane, [&op, &lane, seen] { PoolTaps(op, lane, seen + 1); });
}
