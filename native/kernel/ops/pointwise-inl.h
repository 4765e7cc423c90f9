// Operations without a state.
#pragma once

#include "ops/activation-inl.h"
#include "ops/lanes-inl.h"
#include "ops/matrix-inl.h"

namespace lstmd {
namespace {

/// A layer of few units, whose matrix lies in rows: its lanes share no loads of weights.
void StepDenseRows(const Packed<DenseOp>& op, const Lane& lane) {
  float* const y = lane.workspace + op.y;
  const Vector z = MultiplyRows(op.matrix, op.matrix.weights, lane.workspace + op.x);
  if (op.activation.code == ActivationCode::kSigmoid) {
    Store(y, SelectFirst(Set(0.0f), Sigmoid(z), op.units));
  } else {
    Store(y, z);
    Apply(op.activation, y, op.units);
  }
}

[[gnu::noinline]] Outcomes StepDense(const PackedOp& packed, const Lane* lanes, LaneSet set) {
  const auto& op = static_cast<const Packed<DenseOp>&>(packed);
  const LaneList list(lanes, set);
  MultiplyMatrix(op.matrix, op.matrix.weights, list.lanes, list.count, {op.x, op.y});
  for (int i = 0; i < list.count; ++i)
    Apply(op.activation, list.lanes[i].workspace + op.y, op.units);
  return {set, 0};
}

OpStep StepOf(const Packed<DenseOp>& op) {
  return op.matrix.layout == MatrixLayout::kRows ? InEachLane<DenseOp, StepDenseRows> : StepDense;
}

void StepActivation(const Packed<ActivationOp>& op, const Lane& lane) {
  Apply(op.activation, lane.workspace + op.x, lane.workspace + op.y, op.units);
}

OpStep StepOf(const Packed<ActivationOp>&) { return InEachLane<ActivationOp, StepActivation>; }

void StepAffine(const Packed<AffineOp>& op, const Lane& lane) {
  const float* const x = lane.workspace + op.x;
  float* const y = lane.workspace + op.y;
  for (int i = 0; i < op.units; ++i) y[i] = x[i] * op.scale[i] + op.shift[i];
}

OpStep StepOf(const Packed<AffineOp>&) { return InEachLane<AffineOp, StepAffine>; }

/// It computes in float64, because the variance is a difference of numbers that may be large.
void StepLayerNorm(const Packed<LayerNormOp>& op, const Lane& lane) {
  const float* const x = lane.workspace + op.x;
  float* const y = lane.workspace + op.y;
  double sum = 0;
  for (int i = 0; i < op.units; ++i) sum += double{x[i]};
  const double mean = sum / op.units;
  double squares = 0;
  for (int i = 0; i < op.units; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const double deviation = __builtin_sqrt(squares / op.units + double{op.epsilon});
  for (int i = 0; i < op.units; ++i) {
    const double normal = (x[i] - mean) / deviation;
    const double scaled = op.gamma == nullptr ? normal : normal * op.gamma[i];
    y[i] = static_cast<float>(op.beta == nullptr ? scaled : scaled + op.beta[i]);
  }
}

OpStep StepOf(const Packed<LayerNormOp>&) { return InEachLane<LayerNormOp, StepLayerNorm>; }

void StepMask(const Packed<MaskOp>& op, const Lane& lane) {
  const float* const x = lane.workspace + op.x;
  float* const y = lane.workspace + op.y;
  float mask = 0;
  for (int i = 0; i < op.inputs; ++i)
    if (x[i] != op.value) mask = 1;
  lane.workspace[op.mask] = mask;
  for (int i = 0; i < op.units; ++i) y[i] = x[i] * mask;
}

OpStep StepOf(const Packed<MaskOp>&) { return InEachLane<MaskOp, StepMask>; }

/// The larger one; NaN where either is NaN.
LSTMD_INLINE float Larger(float a, float b) { return a > b || a != a ? a : b; }
/// The smaller one; NaN where either is NaN.
LSTMD_INLINE float Smaller(float a, float b) { return a < b || a != a ? a : b; }

/// y is the first input, then function(y, x) for each of the others.
template <typename Function>
LSTMD_INLINE void MergeBy(const Packed<MergeOp>& op, const Lane& lane, Function function) {
  float* const y = lane.workspace + op.y;
  memcpy(y, lane.workspace + op.parts[0].x, Bytes(op.units));
  for (int part = 1; part < op.source_count; ++part) {
    const float* const x = lane.workspace + op.parts[part].x;
    for (int i = 0; i < op.units; ++i) y[i] = function(y[i], x[i]);
  }
}

void StepMerge(const Packed<MergeOp>& op, const Lane& lane) {
  switch (op.operation) {
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
    case MergeCode::kDivide:
      MergeBy(op, lane, [](float a, float b) { return a / b; });
      break;
  }
  if (op.operation != MergeCode::kAverage) return;
  float* const y = lane.workspace + op.y;
  for (int i = 0; i < op.units; ++i) y[i] /= static_cast<float>(op.source_count);
}

OpStep StepOf(const Packed<MergeOp>&) { return InEachLane<MergeOp, StepMerge>; }

void StepConcatenate(const Packed<ConcatenateOp>& op, const Lane& lane) {
  float* next = lane.workspace + op.y;
  for (int part = 0; part < op.source_count; ++part) {
    const int size = op.parts[part].size;
    memcpy(next, lane.workspace + op.parts[part].x, Bytes(size));
    next += size;
  }
}

OpStep StepOf(const Packed<ConcatenateOp>&) { return InEachLane<ConcatenateOp, StepConcatenate>; }

}  // namespace
}  // namespace lstmd
