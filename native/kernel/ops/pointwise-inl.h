// Operations without a state. Included by step-inl.h.

/// Few units, which have nothing to gain from company.
void DenseRows(const PackedOp& op, const Lane& lane) {
  float* const y = lane.frame + op.y;
  const Vector z = MultiplyRows(op.matrix, op.matrix.weights, lane.frame + op.x);
  if (op.activation.code == ActivationCode::kSigmoid) {
    Store(y, WithFirst(Set(0.0f), Sigmoid(z), op.units));
  } else {
    Store(y, z);
    Apply(op.activation, y, op.units);
  }
}

[[gnu::noinline]] Outcomes Dense(const PackedOp& op, const Lane* lanes, LaneSet set) {
  const Chosen chosen(lanes, set);
  MultiplyMatrix(op.matrix, op.matrix.weights, chosen.lanes, chosen.count, {op.x, op.y});
  for (int i = 0; i < chosen.count; ++i)
    Apply(op.activation, chosen.lanes[i].frame + op.y, op.units);
  return {set, 0};
}

[[gnu::noinline]] Outcomes Activate(const PackedOp& op, const Lane* lanes, LaneSet set) {
  ForEachLane(lanes, set, [&op](const Lane& lane) {
    Apply(op.activation, lane.frame + op.x, lane.frame + op.y, op.units);
  });
  return {set, 0};
}

void Affine(const PackedOp& op, const Lane& lane) {
  const float* const x = lane.frame + op.x;
  float* const y = lane.frame + op.y;
  for (int i = 0; i < op.units; ++i) y[i] = x[i] * op.scale[i] + op.shift[i];
}

/// In float64: the variance is a difference of what may be large.
void LayerNorm(const PackedOp& op, const Lane& lane) {
  const float* const x = lane.frame + op.x;
  float* const y = lane.frame + op.y;
  double sum = 0;
  for (int i = 0; i < op.units; ++i) sum += double{x[i]};
  const double mean = sum / op.units;
  double squares = 0;
  for (int i = 0; i < op.units; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const double deviation = __builtin_sqrt(squares / op.units + double{op.parameter});
  for (int i = 0; i < op.units; ++i) {
    const double normal = (x[i] - mean) / deviation;
    const double scaled = op.scale == nullptr ? normal : normal * op.scale[i];
    y[i] = static_cast<float>(op.shift == nullptr ? scaled : scaled + op.shift[i]);
  }
}

void Mask(const PackedOp& op, const Lane& lane) {
  const float* const x = lane.frame + op.x;
  float* const y = lane.frame + op.y;
  float mask = 0;
  for (int i = 0; i < op.inputs; ++i)
    if (x[i] != op.parameter) mask = 1;
  lane.frame[op.mask] = mask;
  for (int i = 0; i < op.units; ++i) y[i] = x[i] * mask;
}

/// NaN where either is NaN.
LSTMD_INLINE float Larger(float a, float b) { return a > b || a != a ? a : b; }
LSTMD_INLINE float Smaller(float a, float b) { return a < b || a != a ? a : b; }

/// y = function(y, x) for each input after the first.
template <typename Function>
LSTMD_INLINE void MergeBy(const PackedOp& op, const Lane& lane, Function function) {
  float* const y = lane.frame + op.y;
  memcpy(y, lane.frame + op.parts[0].x, Bytes(op.units));
  for (int part = 1; part < op.source_count; ++part) {
    const float* const x = lane.frame + op.parts[part].x;
    for (int i = 0; i < op.units; ++i) y[i] = function(y[i], x[i]);
  }
}

void Merge(const PackedOp& op, const Lane& lane) {
  switch (op.merge) {
    case MergeCode::kAdd:
    case MergeCode::kAverage:
      MergeBy(op, lane, [](float a, float b) { return a + b; });
      break;
    case MergeCode::kSubtract:
      MergeBy(op, lane, [](float a, float b) { return a - b; });
      break;
    case MergeCode::kMultiply:
      MergeBy(op, lane, [](float a, float b) { return a * b; });
      break;
    case MergeCode::kMaximum:
      MergeBy(op, lane, Larger);
      break;
    case MergeCode::kMinimum:
      MergeBy(op, lane, Smaller);
      break;
  }
  if (op.merge != MergeCode::kAverage) return;
  float* const y = lane.frame + op.y;
  for (int i = 0; i < op.units; ++i) y[i] /= static_cast<float>(op.source_count);
}

void Concatenate(const PackedOp& op, const Lane& lane) {
  float* next = lane.frame + op.y;
  for (int part = 0; part < op.source_count; ++part) {
    const int size = op.parts[part].size;
    memcpy(next, lane.frame + op.parts[part].x, Bytes(size));
    next += size;
  }
}
