// The operations of one step alone, in float64.
#include <algorithm>
#include <cmath>

#include "reference-activation.h"
#include "reference-operation.h"

namespace lstmd::test {

void AddProduct(const float* matrix, const Values& x, int columns, int first, Values& sum) {
  for (std::size_t k = 0; k < x.size(); ++k)
    for (std::size_t j = 0; j < sum.size(); ++j)
      sum[j] += x[k] * matrix[k * Index(columns) + Index(first) + j];
}

Values Bias(const float* bias, int count, int first) {
  if (bias == nullptr) return Values(Index(count), 0);
  return Values(bias + first, bias + first + count);
}

bool ReferenceOperation::Compute(const DenseOp& op) {
  y_ = Bias(op.bias, op_.units);
  AddProduct(op.kernel, x_, op_.units, 0, y_);
  Activate(op.activation, y_);
  return true;
}

bool ReferenceOperation::Compute(const ActivationOp& op) {
  y_ = x_;
  Activate(op.activation, y_);
  return true;
}

bool ReferenceOperation::Compute(const AffineOp& op) {
  ForEach([this, &op](std::size_t i) { return x_[i] * op.scale[i] + op.shift[i]; });
  return true;
}

bool ReferenceOperation::Compute(const PreluOp& op) {
  const float* const alpha = op.alpha + TakePosition(op.position_offset, op.steps) * op_.units;
  ForEach([this, alpha](std::size_t i) { return x_[i] > 0 ? x_[i] : alpha[i] * x_[i]; });
  return true;
}

bool ReferenceOperation::Compute(const LayerNormOp& op) {
  double mean = 0;
  for (const double x : x_) mean += x / op_.inputs;
  double variance = 0;
  for (const double x : x_) variance += (x - mean) * (x - mean) / op_.inputs;
  ForEach([&](std::size_t i) {
    const double normal = (x_[i] - mean) / std::sqrt(variance + op.epsilon);
    return normal * (op.gamma == nullptr ? 1 : op.gamma[i]) + (op.beta == nullptr ? 0 : op.beta[i]);
  });
  return true;
}

bool ReferenceOperation::Compute(const MaskOp& op) {
  const bool is_kept = std::any_of(x_.begin(), x_.end(), [&op](double x) { return x != op.value; });
  values_[Index(op.mask)].floats = {is_kept ? 1.0 : 0.0};
  ForEach([this, is_kept](std::size_t i) { return is_kept ? x_[i] : 0; });
  return true;
}

bool ReferenceOperation::Compute(const MergeOp& op) {
  ForEach([this, &op](std::size_t i) {
    double merged = x_[i];
    for (std::size_t part = 1; part < op_.sources.size(); ++part) {
      const double other = values_[Index(op_.sources[part])].floats[i];
      if (op.operation == MergeCode::kSubtract) merged -= other;
      if (op.operation == MergeCode::kMultiply) merged *= other;
      if (op.operation == MergeCode::kDivide) merged /= other;
      if (op.operation == MergeCode::kMaximum) merged = std::max(merged, other);
      if (op.operation == MergeCode::kMinimum) merged = std::min(merged, other);
      if (op.operation == MergeCode::kAdd || op.operation == MergeCode::kAverage) merged += other;
    }
    return op.operation == MergeCode::kAverage ? merged / static_cast<double>(op_.sources.size())
                                               : merged;
  });
  return true;
}

bool ReferenceOperation::Compute(const ConcatenateOp&) {
  y_.clear();
  for (const int source : op_.sources) {
    const Values& part = values_[Index(source)].floats;
    y_.insert(y_.end(), part.begin(), part.end());
  }
  return true;
}

bool ReferenceOperation::Compute(const GatherOp&) {
  ForEach(
      [this](std::size_t i) { return op_.indices[i] == kNone ? 0 : x_[Index(op_.indices[i])]; });
  return true;
}

bool ReferenceOperation::Compute(const ReduceOp& op) {
  const std::size_t run = Index(op_.inputs / op_.units);
  ForEach([this, &op, run](std::size_t i) {
    double result = x_[i * run];
    for (std::size_t k = 1; k < run; ++k) {
      const double x = x_[i * run + k];
      result = op.operation == ReduceCode::kMaximum   ? std::max(result, x)
               : op.operation == ReduceCode::kMinimum ? std::min(result, x)
                                                      : result + x;
    }
    return op.operation == ReduceCode::kMean ? result / static_cast<double>(run) : result;
  });
  return true;
}

bool ReferenceOperation::Compute(const MatMulOp& op) {
  const Values& right = values_[Index(op.right)].floats;
  ForEach([this, &op, &right](std::size_t i) {
    const std::size_t columns = Index(op.columns);
    const std::size_t inner = Index(op.inner);
    const std::size_t row = i / columns;
    double sum = 0;
    for (std::size_t k = 0; k < inner; ++k)
      sum +=
          x_[row * inner + k] * right[(row / Index(op.rows) * inner + k) * columns + i % columns];
    return sum;
  });
  return true;
}

}  // namespace lstmd::test
