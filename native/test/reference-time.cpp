// The operations that keep earlier steps, in float64.
#include <algorithm>

#include "reference-activation.h"
#include "reference-operation.h"

namespace lstmd::test {

std::int64_t ReferenceOperation::TakePosition(int position_offset, int steps) {
  if (position_offset == kNone) return 0;
  double& position = lane_[Index(position_offset)];
  const std::int64_t taken = static_cast<std::int64_t>(position);
  position = taken + 1 == steps ? 0 : static_cast<double>(taken + 1);
  return taken;
}

bool ReferenceOperation::Compute(const TimeDenseOp& op) {
  const std::int64_t position = TakePosition(op.position_offset, op.steps);
  Values acc = position == 0 ? Values(Index(op_.units), 0) : At(op.acc_offset, op_.units);
  AddProduct(op.kernel + position * op_.inputs * op_.units, x_, op_.units, 0, acc);
  Keep(op.acc_offset, acc);
  const Values bias = Bias(op.bias, op_.units);
  ForEach([&](std::size_t i) { return acc[i] + bias[i]; });
  Activate(op.activation, y_);
  return true;
}

bool ReferenceOperation::Compute(const ConvOp& op) {
  return Span(op, [this, &op](const Values& inputs) { Convolve(op, inputs); });
}

void ReferenceOperation::Convolve(const ConvOp& op, const Values& inputs) {
  y_ = Bias(op.bias, op_.units);
  const int group_inputs = op_.inputs / op.groups;
  const int group_filters = op_.units / op.groups;
  for (int tap = 0; tap < op.size; ++tap)
    for (int k = 0; k < group_inputs; ++k)
      for (int filter = 0; filter < op_.units; ++filter)
        y_[Index(filter)] += inputs[Index(tap * op.dilation * op_.inputs +
                                          filter / group_filters * group_inputs + k)] *
                             op.kernel[(tap * group_inputs + k) * op_.units + filter];
  Activate(op.activation, y_);
}

bool ReferenceOperation::Compute(const PoolOp& op) {
  int taps = op.size;
  if (op.seen_offset != kNone) {
    double& seen = lane_[Index(op.seen_offset)];
    taps = static_cast<int>(seen) / op.dilation + 1;
    seen = std::min(seen + 1, static_cast<double>(HistoryOf(op)));
  }
  return Span(op, [this, &op, taps](const Values& inputs) { Pool(op, inputs, taps); });
}

void ReferenceOperation::Pool(const PoolOp& op, const Values& inputs, int taps) {
  const std::size_t last = inputs.size() - Index(op_.inputs);
  ForEach([&](std::size_t i) {
    double pooled = inputs[last + i];
    for (std::size_t tap = 1; tap < Index(taps); ++tap) {
      const double x = inputs[last + i - tap * Index(op.dilation * op_.inputs)];
      pooled = op.operation == PoolCode::kMaximum ? std::max(pooled, x) : pooled + x;
    }
    return op.operation == PoolCode::kMaximum ? pooled : pooled / taps;
  });
}

bool ReferenceOperation::Compute(const GlobalPoolOp& op) {
  double& count = lane_[Index(op.count_offset)];
  Values acc = At(op.acc_offset, op_.units);
  if (!IsMasked(op.mask)) {
    for (std::size_t i = 0; i < acc.size(); ++i)
      acc[i] = count == 0                           ? x_[i]
               : op.operation == PoolCode::kMaximum ? std::max(acc[i], x_[i])
                                                    : acc[i] + x_[i];
    ++count;
    Keep(op.acc_offset, acc);
  }
  if (count == 0) return false;
  ForEach(
      [&](std::size_t i) { return op.operation == PoolCode::kMaximum ? acc[i] : acc[i] / count; });
  return true;
}

bool ReferenceOperation::Compute(const BeginOp& op) {
  double& begun = lane_[Index(op.begun_offset)];
  if (begun == 0) Keep(op.states_offset, Values(op.states, op.states + op.count));
  begun = 1;
  y_ = x_;
  return true;
}

bool ReferenceOperation::Compute(const RecallOp& op) {
  y_ = At(op.state_offset, op_.units);
  return true;
}

bool ReferenceOperation::Compute(const KeepOp& op) {
  Keep(op.state_offset, x_);
  y_ = x_;
  return true;
}

bool ReferenceOperation::Compute(const SkipOp& op) {
  double& count = lane_[Index(op.count_offset)];
  if (count < op.count) {
    ++count;
    return false;
  }
  y_ = x_;
  return true;
}

}  // namespace lstmd::test
