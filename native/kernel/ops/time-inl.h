// Operations that count their inputs. Included by step-inl.h.

/// The position of this input among `steps`, and of the next in the state; -1 where it has none.
LSTMD_INLINE int TakePosition(const PackedOp& op, const Lane& lane) {
  float* const counter = lane.state + op.count_offset;
  const int position = ReadCounter(counter, op.steps - 1);
  if (position >= 0) WriteCounter(counter, position + 1 == op.steps ? 0 : position + 1);
  return position;
}

Outcome TimeDense(const PackedOp& op, const Lane& lane) {
  const int position = TakePosition(op, lane);
  if (position < 0) return Outcome::kBroken;
  MultiplyMatrix(op.matrix, op.matrix.weights + position * op.step_size, &lane, 1, {op.x, op.y});
  float* const acc = lane.state + op.acc_offset;
  float* const y = lane.frame + op.y;
  for (int unit = 0; unit < op.units; ++unit) {
    acc[unit] = position == 0 ? y[unit] : acc[unit] + y[unit];
    y[unit] = acc[unit] + op.late_bias[unit];
  }
  Apply(op.activation, y, op.units);
  return Outcome::kFresh;
}

Outcome Prelu(const PackedOp& op, const Lane& lane) {
  const int position = op.steps == 1 ? 0 : TakePosition(op, lane);
  if (position < 0) return Outcome::kBroken;
  const float* const x = lane.frame + op.x;
  float* const y = lane.frame + op.y;
  const float* const alpha = op.weights + position * op.step_size;
  for (int i = 0; i < op.units; ++i) y[i] = x[i] > 0 ? x[i] : alpha[i] * x[i];
  return Outcome::kFresh;
}

Outcome Skip(const PackedOp& op, const Lane& lane) {
  float* const counter = lane.state + op.count_offset;
  const int count = ReadCounter(counter, op.skipped);
  if (count < 0) return Outcome::kBroken;
  if (count < op.skipped) {
    WriteCounter(counter, count + 1);
    return Outcome::kStale;
  }
  memcpy(lane.frame + op.y, lane.frame + op.x, Bytes(op.units));
  return Outcome::kFresh;
}

Outcome GlobalPool(const PackedOp& op, const Lane& lane) {
  float* const counter = lane.state + op.count_offset;
  float* const acc = lane.state + op.acc_offset;
  float* const y = lane.frame + op.y;
  int count = ReadCounter(counter, kSeenLimit);
  if (count < 0) return Outcome::kBroken;
  if (op.mask == kNone || lane.frame[op.mask] != 0) {
    for (int i = 0; i < op.units; ++i) {
      const float x = lane.frame[op.x + i];
      acc[i] = count == 0 ? x : op.pool == PoolCode::kMaximum ? Larger(acc[i], x) : acc[i] + x;
    }
    if (count < kSeenLimit) ++count;
    WriteCounter(counter, count);
  }
  if (count == 0) return Outcome::kStale;
  const float divisor = op.pool == PoolCode::kAverage ? static_cast<float>(count) : 1;
  for (int i = 0; i < op.units; ++i) y[i] = acc[i] / divisor;
  return Outcome::kFresh;
}
