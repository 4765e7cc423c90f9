// Convolution and pooling over time. Included by step-inl.h.

LSTMD_INLINE unsigned Bytes(int floats) { return static_cast<unsigned>(floats) * sizeof(float); }

/// Moves the history on by the input of this step.
LSTMD_INLINE void Remember(const PackedOp& op, float* lane) {
  if (op.history == 0) return;
  float* const history = lane + op.history_offset;
  const int kept = (op.history - 1) * op.inputs;
  memmove(history, history + op.inputs, Bytes(kept));
  memcpy(history + kept, op.x, Bytes(op.inputs));
}

/// Counts the input; where it completes a span, `compute(op, lane)` gives the output.
template <typename Compute>
LSTMD_INLINE Outcome Span(const PackedOp& op, float* lane, Compute compute) {
  float* const counter = lane + op.count_offset;
  const int last = op.first + op.stride - 1;
  const int count = ReadCounter(counter, last);
  if (count < 0) return Outcome::kBroken;
  const bool is_complete = count == op.first;
  if (is_complete) compute(op, lane);
  Remember(op, lane);
  WriteCounter(counter, count == last ? op.first : count + 1);
  return is_complete ? Outcome::kFresh : Outcome::kStale;
}

/// The inputs that a convolution looks at, one after the other.
LSTMD_INLINE void GatherTaps(const PackedOp& op, const float* history) {
  float* next = op.gathered;
  for (int tap = 0; tap + 1 < op.size; ++tap, next += op.inputs)
    memcpy(next, history + tap * op.dilation * op.inputs, Bytes(op.inputs));
  memcpy(next, op.x, Bytes(op.inputs));
}

/// Each filter of its own group's inputs.
void ConvolveGroups(const PackedOp& op) {
  const int size = RoundUp(op.units);
  const float* w = op.weights;
  memcpy(op.y, op.matrix.bias, Bytes(size));
  for (int tap = 0; tap < op.size; ++tap) {
    const float* const x = op.gathered + tap * op.inputs;
    for (int input = 0; input < op.inputs_per_group; ++input, w += size) {
      for (int filter = 0; filter < op.units; ++filter)
        op.gates[filter] = x[op.group_inputs[filter] + input];
      for (int i = 0; i < op.units; i += kWidth)
        Store(op.y + i, MultiplyAdd(Load(op.gates + i), Load(w + i), Load(op.y + i)));
    }
  }
  ZeroTail(op.y, op.units);
}

void Convolve(const PackedOp& op, float* lane) {
  GatherTaps(op, lane + op.history_offset);
  if (op.group_inputs != nullptr) {
    ConvolveGroups(op);
  } else {
    MultiplyMatrix(op.matrix, op.matrix.weights, op.gathered, op.y);
  }
  Apply(op.activation, op.y, op.units);
}

/// Of the last `taps` inputs, this one included.
LSTMD_INLINE void PoolTaps(const PackedOp& op, const float* lane, int taps) {
  memcpy(op.y, op.x, Bytes(op.units));
  const float* x = lane + op.history_offset + (op.history + 1 - taps) * op.inputs;
  for (int tap = 1; tap < taps; ++tap, x += op.inputs)
    for (int i = 0; i < op.units; ++i)
      op.y[i] = op.pool == PoolCode::kMaximum ? Larger(op.y[i], x[i]) : op.y[i] + x[i];
  if (op.pool == PoolCode::kMaximum) return;
  for (int i = 0; i < op.units; ++i) op.y[i] /= static_cast<float>(taps);
}

Outcome Pool(const PackedOp& op, float* lane) {
  int seen = op.history;
  if (op.seen_offset != kNone) {
    float* const counter = lane + op.seen_offset;
    seen = ReadCounter(counter, op.history);
    if (seen < 0) return Outcome::kBroken;
    if (seen < op.history) WriteCounter(counter, seen + 1);
  }
  return Span(op, lane, [seen](const PackedOp& pool, const float* own_lane) {
    PoolTaps(pool, own_lane, seen + 1);
  });
}
