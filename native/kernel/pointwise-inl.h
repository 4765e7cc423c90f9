// Operations without a state. Included by step-inl.h.

void Affine(const PackedOp& op) {
  for (int i = 0; i < op.units; ++i) op.y[i] = op.x[i] * op.scale[i] + op.shift[i];
}

/// In float64: the variance is a difference of what may be large.
void LayerNorm(const PackedOp& op) {
  double sum = 0;
  for (int i = 0; i < op.units; ++i) sum += double{op.x[i]};
  const double mean = sum / op.units;
  double squares = 0;
  for (int i = 0; i < op.units; ++i) squares += (op.x[i] - mean) * (op.x[i] - mean);
  const double deviation = __builtin_sqrt(squares / op.units + double{op.parameter});
  for (int i = 0; i < op.units; ++i) {
    const double normal = (op.x[i] - mean) / deviation;
    const double scaled = op.scale == nullptr ? normal : normal * op.scale[i];
    op.y[i] = static_cast<float>(op.shift == nullptr ? scaled : scaled + op.shift[i]);
  }
}

void Mask(const PackedOp& op) {
  float mask = 0;
  for (int i = 0; i < op.inputs; ++i)
    if (op.x[i] != op.parameter) mask = 1;
  *op.mask = mask;
  for (int i = 0; i < op.units; ++i) op.y[i] = op.x[i] * mask;
}

/// NaN where either is NaN.
LSTMD_INLINE float Larger(float a, float b) { return a > b || a != a ? a : b; }
LSTMD_INLINE float Smaller(float a, float b) { return a < b || a != a ? a : b; }

/// y = function(y, x) for each input after the first.
template <typename Function>
LSTMD_INLINE void MergeBy(const PackedOp& op, Function function) {
  memcpy(op.y, op.parts[0].x, static_cast<unsigned>(op.units) * sizeof(float));
  for (int part = 1; part < op.source_count; ++part) {
    const float* const x = op.parts[part].x;
    for (int i = 0; i < op.units; ++i) op.y[i] = function(op.y[i], x[i]);
  }
}

void Merge(const PackedOp& op) {
  switch (op.merge) {
    case MergeCode::kAdd:
    case MergeCode::kAverage:
      MergeBy(op, [](float a, float b) { return a + b; });
      break;
    case MergeCode::kSubtract:
      MergeBy(op, [](float a, float b) { return a - b; });
      break;
    case MergeCode::kMultiply:
      MergeBy(op, [](float a, float b) { return a * b; });
      break;
    case MergeCode::kMaximum:
      MergeBy(op, Larger);
      break;
    case MergeCode::kMinimum:
      MergeBy(op, Smaller);
      break;
  }
  if (op.merge != MergeCode::kAverage) return;
  for (int i = 0; i < op.units; ++i) op.y[i] /= static_cast<float>(op.source_count);
}

void Concatenate(const PackedOp& op) {
  float* next = op.y;
  for (int part = 0; part < op.source_count; ++part) {
    const unsigned size = static_cast<unsigned>(op.parts[part].size);
    memcpy(next, op.parts[part].x, size * sizeof(float));
    next += size;
  }
}
