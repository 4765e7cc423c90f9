// Operations that pick floats of a value, sum them up, or multiply two values as matrices.
#pragma once

#include "ops/lanes-inl.h"
#include "ops/pointwise-inl.h"
#include "simd/math-inl.h"

namespace lstmd {
namespace {

void StepGather(const Packed<GatherOp>& op, const Lane& lane) {
  const float* const x = lane.workspace + op.x;
  float* const y = lane.workspace + op.y;
  for (int i = 0; i < op.units; ++i) y[i] = op.indices[i] < 0 ? 0 : x[op.indices[i]];
}

OpStep StepOf(const Packed<GatherOp>&) { return InEachLane<GatherOp, StepGather>; }

/// The first float, then function(result, x) for each of the others.
template <typename Result, typename Function>
LSTMD_INLINE Result Reduced(const float* x, int count, Function function) {
  Result result = x[0];
  for (int i = 1; i < count; ++i) result = function(result, x[i]);
  return result;
}

/// Sums are in float64, because those of a whole window may have many terms.
void StepReduce(const Packed<ReduceOp>& op, const Lane& lane) {
  const int run = op.inputs / op.units;
  const float* x = lane.workspace + op.x;
  float* const y = lane.workspace + op.y;
  for (int i = 0; i < op.units; ++i, x += run) {
    switch (op.operation) {
      case ReduceCode::kSum:
      case ReduceCode::kMean: {
        const double sum = Reduced<double>(x, run, [](double a, float b) { return a + double{b}; });
        y[i] = static_cast<float>(op.operation == ReduceCode::kMean ? sum / run : sum);
        break;
      }
      case ReduceCode::kMaximum:
        y[i] = Reduced<float>(x, run, Larger);
        break;
      case ReduceCode::kMinimum:
        y[i] = Reduced<float>(x, run, Smaller);
        break;
    }
  }
}

OpStep StepOf(const Packed<ReduceOp>&) { return InEachLane<ReduceOp, StepReduce>; }

/// y += a x, of `size` floats at any address.
LSTMD_INLINE void AddMultiple(float a, const float* x, int size, float* y) {
  const Vector factor = Set(a);
  int i = 0;
  for (; i + kWidth <= size; i += kWidth)
    StoreUnaligned(y + i, MultiplyAdd(factor, LoadUnaligned(x + i), LoadUnaligned(y + i)));
  if (i == size) return;
  const int rest = size - i;
  StoreFirst(y + i, MultiplyAdd(factor, LoadFirst(x + i, rest), LoadFirst(y + i, rest)), rest);
}

void StepMatMul(const Packed<MatMulOp>& op, const Lane& lane) {
  const float* left = lane.workspace + op.x;
  const float* right = lane.workspace + op.right;
  float* y = lane.workspace + op.y;
  memset(y, 0, Bytes(op.units));
  for (int product = 0; product < op.count; ++product, right += op.inner * op.columns)
    for (int row = 0; row < op.rows; ++row, left += op.inner, y += op.columns)
      for (int k = 0; k < op.inner; ++k)
        AddMultiple(left[k], right + k * op.columns, op.columns, y);
}

OpStep StepOf(const Packed<MatMulOp>&) { return InEachLane<MatMulOp, StepMatMul>; }

}  // namespace
}  // namespace lstmd
