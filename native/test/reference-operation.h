// One operation in plain float64.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "format/index.h"
#include "reference-activation.h"
#include "reference.h"

namespace lstmd::test {

using Values = std::vector<double>;

/// Adds the product of `x` and the columns from `first` of a matrix of `columns` columns to `sum`.
void AddProduct(const float* matrix, const Values& x, int columns, int first, Values& sum);

/// `count` floats of a bias from `first`; zeros where there is no bias.
Values Bias(const float* bias, int count, int first = 0);

/// One step of one operation.
class ReferenceOperation {
 public:
  ReferenceOperation(const OpSpec& op, Values& lane, std::vector<ReferenceValue>& values)
      : op_(op),
        lane_(lane),
        values_(values),
        x_(values[Index(op.input)].floats),
        y_(values[Index(op.output)].floats) {}

  /// Returns whether the output is fresh.
  bool Run() {
    for (const int source : op_.sources)
      if (!values_[Index(source)].fresh) return false;
    y_.assign(Index(op_.units), 0);
    return std::visit([this](const auto& op) { return Compute(op); }, op_.operands);
  }

 private:
  static bool Compute(std::monostate) { return false; }

  template <typename Function>
  void ForEach(Function function) {
    for (std::size_t i = 0; i < y_.size(); ++i) y_[i] = function(i);
  }

  Values At(int offset, int size) const {
    return Values(lane_.begin() + offset, lane_.begin() + offset + size);
  }

  void Keep(int offset, const Values& values) {
    std::copy(values.begin(), values.end(), lane_.begin() + offset);
  }

  bool IsMasked(int mask) const { return mask != kNone && values_[Index(mask)].floats[0] == 0; }

  /// Applies an activation to what is bounded to [-clip, clip] first.
  static void ActivateClipped(const Activation& activation, float clip, Values& values) {
    for (double& value : values) value = std::clamp(value, -double{clip}, double{clip});
    Activate(activation, values);
  }

  /// Gives h as the output, after `cell(h)` has computed it into y where the step is not masked.
  template <typename Cell>
  bool Recur(const RecurrentOp& op, Cell cell) {
    const Values h = At(op.h_offset, op_.units);
    if (IsMasked(op.mask)) {
      y_ = h;
    } else {
      cell(h);
      Keep(op.h_offset, y_);
    }
    return true;
  }

  /// Calls `compute(inputs)` with the history and this input where the span is complete.
  template <typename Function>
  bool Span(const SpanOp& op, Function compute) {
    Values inputs = At(op.history_offset, HistoryOf(op) * op_.inputs);
    inputs.insert(inputs.end(), x_.begin(), x_.end());
    const int first = HistoryOf(op) - op.pad_before;
    double& count = lane_[Index(op.count_offset)];
    const bool is_complete = count == first;
    count = count + 1 == first + op.stride ? first : count + 1;
    if (is_complete) compute(inputs);
    Keep(op.history_offset, Values(inputs.begin() + op_.inputs, inputs.end()));
    return is_complete;
  }

#define LSTMD_COMPUTE(Name) bool Compute(const Name##Op& op);
  LSTMD_STEP_OPERATIONS(LSTMD_COMPUTE)
#undef LSTMD_COMPUTE

  /// A gate before its activation.
  Values Gate(const RecurrentOp& op, int gate, int gates, const Values& h) const;
  void ComputeGru(const GruOp& op, const Values& h);
  /// The position of this input among `steps`; the state gets that of the next.
  std::int64_t TakePosition(int position_offset, int steps);
  void Convolve(const ConvOp& op, const Values& inputs);
  void Pool(const PoolOp& op, const Values& inputs, int taps);

  const OpSpec& op_;
  Values& lane_;
  std::vector<ReferenceValue>& values_;
  const Values& x_;
  Values& y_;
};

}  // namespace lstmd::test
