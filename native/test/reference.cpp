#include "reference.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace lstmd::test {
namespace {

using Values = std::vector<double>;

std::size_t Index(std::int64_t i) { return static_cast<std::size_t>(i); }

/// `x` times the columns from `first` of a matrix of `columns` columns, onto `sum`.
void AddProduct(const float* matrix, const Values& x, int columns, int first, Values& sum) {
  for (std::size_t k = 0; k < x.size(); ++k)
    for (std::size_t j = 0; j < sum.size(); ++j)
      sum[j] += x[k] * matrix[k * Index(columns) + Index(first) + j];
}

Values Bias(const float* bias, int count, int first = 0) {
  if (bias == nullptr) return Values(Index(count), 0);
  return Values(bias + first, bias + first + count);
}

void Apply(const Activation& activation, Values& values) {
  if (activation.code == ActivationCode::kSparsemax) {
    Values sorted = values;
    std::sort(sorted.begin(), sorted.end(), std::greater<double>());
    double sum = 0;
    double supported_sum = 0;
    int supported = 0;
    for (std::size_t r = 1; r <= sorted.size(); ++r) {
      sum += sorted[r - 1];
      if (sorted[r - 1] - (sum - 1) / static_cast<double>(r) <= 0) continue;
      supported_sum += sum;
      ++supported;
    }
    for (double& value : values) value = std::max(0.0, value - (supported_sum - 1) / supported);
    return;
  }
  const bool is_log = activation.code == ActivationCode::kLogSoftmax;
  if (!is_log && activation.code != ActivationCode::kSoftmax) {
    for (double& value : values) value = ReferenceActivation(activation, value);
    return;
  }
  const double largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const double value : values) sum += std::exp(value - largest);
  for (double& value : values)
    value = is_log ? value - largest - std::log(sum) : std::exp(value - largest) / sum;
}

/// One step of one operation.
class Step {
 public:
  Step(const OpSpec& op, Values& lane, std::vector<ReferenceValue>& values)
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

  /// A gate before its activation.
  Values Gate(const RecurrentOp& op, int gate, int gates, const Values& h) const {
    Values z = Bias(op.bias, op_.units, gate * op_.units);
    AddProduct(op.kernel, x_, gates * op_.units, gate * op_.units, z);
    AddProduct(op.recurrent_kernel, h, gates * op_.units, gate * op_.units, z);
    return z;
  }

  bool Compute(const LstmOp& op) {
    return Recur(op, [this, &op](const Values& h) {
      Values gates[4];
      for (int gate = 0; gate < 4; ++gate) {
        gates[gate] = Gate(op, gate, 4, h);
        Apply(gate == 2 ? op.activation : op.recurrent_activation, gates[gate]);
      }
      Values c = At(op.c_offset, op_.units);
      for (std::size_t i = 0; i < c.size(); ++i)
        c[i] = gates[1][i] * c[i] + gates[0][i] * gates[2][i];
      Keep(op.c_offset, c);
      Apply(op.activation, c);
      ForEach([&c, &gates](std::size_t i) { return gates[3][i] * c[i]; });
    });
  }

  bool Compute(const GruOp& op) {
    return Recur(op, [this, &op](const Values& h) { ComputeGru(op, h); });
  }

  void ComputeGru(const GruOp& op, const Values& h) {
    const int units = op_.units;
    Values z = Gate(op, 0, 3, h);
    Values r = Gate(op, 1, 3, h);
    if (op.recurrent_bias != nullptr)
      for (std::size_t i = 0; i < z.size(); ++i) {
        z[i] += op.recurrent_bias[i];
        r[i] += op.recurrent_bias[Index(units) + i];
      }
    Apply(op.recurrent_activation, z);
    Apply(op.recurrent_activation, r);
    Values candidate = Bias(op.bias, units, 2 * units);
    AddProduct(op.kernel, x_, 3 * units, 2 * units, candidate);
    if (op.reset_after) {
      Values recurrent = Bias(op.recurrent_bias, units, 2 * units);
      AddProduct(op.recurrent_kernel, h, 3 * units, 2 * units, recurrent);
      for (std::size_t i = 0; i < r.size(); ++i) candidate[i] += r[i] * recurrent[i];
    } else {
      Values kept = h;
      for (std::size_t i = 0; i < r.size(); ++i) kept[i] *= r[i];
      AddProduct(op.recurrent_kernel, kept, 3 * units, 2 * units, candidate);
    }
    Apply(op.activation, candidate);
    ForEach([&](std::size_t i) { return z[i] * h[i] + (1 - z[i]) * candidate[i]; });
  }

  bool Compute(const SimpleRnnOp& op) {
    return Recur(op, [this, &op](const Values& h) {
      y_ = Gate(op, 0, 1, h);
      Apply(op.activation, y_);
    });
  }

  bool Compute(const DenseOp& op) {
    y_ = Bias(op.bias, op_.units);
    AddProduct(op.kernel, x_, op_.units, 0, y_);
    Apply(op.activation, y_);
    return true;
  }

  /// The position of this input among `steps`; the state gets that of the next.
  std::int64_t TakePosition(int position_offset, int steps) {
    if (position_offset == kNone) return 0;
    double& position = lane_[Index(position_offset)];
    const std::int64_t taken = static_cast<std::int64_t>(position);
    position = taken + 1 == steps ? 0 : static_cast<double>(taken + 1);
    return taken;
  }

  bool Compute(const TimeDenseOp& op) {
    const std::int64_t position = TakePosition(op.position_offset, op.steps);
    Values acc = position == 0 ? Values(Index(op_.units), 0) : At(op.acc_offset, op_.units);
    AddProduct(op.kernel + position * op_.inputs * op_.units, x_, op_.units, 0, acc);
    Keep(op.acc_offset, acc);
    const Values bias = Bias(op.bias, op_.units);
    ForEach([&](std::size_t i) { return acc[i] + bias[i]; });
    Apply(op.activation, y_);
    return true;
  }

  bool Compute(const ActivationOp& op) {
    y_ = x_;
    Apply(op.activation, y_);
    return true;
  }

  bool Compute(const AffineOp& op) {
    ForEach([this, &op](std::size_t i) { return x_[i] * op.scale[i] + op.shift[i]; });
    return true;
  }

  bool Compute(const PreluOp& op) {
    const float* const alpha = op.alpha + TakePosition(op.position_offset, op.steps) * op_.units;
    ForEach([this, alpha](std::size_t i) { return x_[i] > 0 ? x_[i] : alpha[i] * x_[i]; });
    return true;
  }

  bool Compute(const LayerNormOp& op) {
    double mean = 0;
    for (const double x : x_) mean += x / op_.inputs;
    double variance = 0;
    for (const double x : x_) variance += (x - mean) * (x - mean) / op_.inputs;
    ForEach([&](std::size_t i) {
      const double normal = (x_[i] - mean) / std::sqrt(variance + op.epsilon);
      return normal * (op.gamma == nullptr ? 1 : op.gamma[i]) +
             (op.beta == nullptr ? 0 : op.beta[i]);
    });
    return true;
  }

  bool Compute(const MaskOp& op) {
    const bool is_kept =
        std::any_of(x_.begin(), x_.end(), [&op](double x) { return x != op.value; });
    values_[Index(op.mask)].floats = {is_kept ? 1.0 : 0.0};
    ForEach([this, is_kept](std::size_t i) { return is_kept ? x_[i] : 0; });
    return true;
  }

  bool Compute(const MergeOp& op) {
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

  bool Compute(const ConcatenateOp&) {
    y_.clear();
    for (const int source : op_.sources) {
      const Values& part = values_[Index(source)].floats;
      y_.insert(y_.end(), part.begin(), part.end());
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

  bool Compute(const ConvOp& op) {
    return Span(op, [this, &op](const Values& inputs) { Convolve(op, inputs); });
  }

  void Convolve(const ConvOp& op, const Values& inputs) {
    y_ = Bias(op.bias, op_.units);
    const int group_inputs = op_.inputs / op.groups;
    const int group_filters = op_.units / op.groups;
    for (int tap = 0; tap < op.size; ++tap)
      for (int k = 0; k < group_inputs; ++k)
        for (int filter = 0; filter < op_.units; ++filter)
          y_[Index(filter)] += inputs[Index(tap * op.dilation * op_.inputs +
                                            filter / group_filters * group_inputs + k)] *
                               op.kernel[(tap * group_inputs + k) * op_.units + filter];
    Apply(op.activation, y_);
  }

  bool Compute(const PoolOp& op) {
    int taps = HistoryOf(op) + 1;
    if (op.seen_offset != kNone) {
      double& seen = lane_[Index(op.seen_offset)];
      taps = static_cast<int>(seen) + 1;
      seen = std::min(seen + 1, static_cast<double>(HistoryOf(op)));
    }
    return Span(op, [this, &op, taps](const Values& inputs) { Pool(op, inputs, taps); });
  }

  void Pool(const PoolOp& op, const Values& inputs, int taps) {
    const std::size_t last = inputs.size() - Index(op_.inputs);
    ForEach([&](std::size_t i) {
      double pooled = inputs[last + i];
      for (std::size_t tap = 1; tap < Index(taps); ++tap) {
        const double x = inputs[last + i - tap * Index(op_.inputs)];
        pooled = op.operation == PoolCode::kMaximum ? std::max(pooled, x) : pooled + x;
      }
      return op.operation == PoolCode::kMaximum ? pooled : pooled / taps;
    });
  }

  bool Compute(const GlobalPoolOp& op) {
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
    ForEach([&](std::size_t i) {
      return op.operation == PoolCode::kMaximum ? acc[i] : acc[i] / count;
    });
    return true;
  }

  bool Compute(const SkipOp& op) {
    double& count = lane_[Index(op.count_offset)];
    if (count < op.count) {
      ++count;
      return false;
    }
    y_ = x_;
    return true;
  }

  bool Compute(const GatherOp&) {
    ForEach(
        [this](std::size_t i) { return op_.indices[i] == kNone ? 0 : x_[Index(op_.indices[i])]; });
    return true;
  }

  bool Compute(const ReduceOp& op) {
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

  bool Compute(const MatMulOp& op) {
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

  const OpSpec& op_;
  Values& lane_;
  std::vector<ReferenceValue>& values_;
  const Values& x_;
  Values& y_;
};

}  // namespace

double ReferenceActivation(const Activation& activation, double x) {
  const float* p = activation.parameters;
  const double selu_alpha = 1.6732632423543772;
  switch (activation.code) {
    case ActivationCode::kLinear:
      return x;
    case ActivationCode::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case ActivationCode::kTanh:
      return std::tanh(x);
    case ActivationCode::kSoftmax:
    case ActivationCode::kLogSoftmax:
    case ActivationCode::kSparsemax:
      return NAN;
    case ActivationCode::kSoftplus:
      return x > 30 ? x : std::log1p(std::exp(x));
    case ActivationCode::kSoftsign:
      return x / (1 + std::fabs(x));
    case ActivationCode::kExponential:
      return std::exp(x);
    case ActivationCode::kSelu:
      return 1.0507009873554805 * (x > 0 ? x : selu_alpha * (std::exp(x) - 1));
    case ActivationCode::kSilu:
      return x / (1 + std::exp(-x));
    case ActivationCode::kGelu:
      return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    case ActivationCode::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * std::pow(x, 3))));
    case ActivationCode::kElu:
      return x > 0 ? x : p[0] * (std::exp(x) - 1);
    case ActivationCode::kRelu:
      return x >= p[2] ? p[2] : x >= p[1] ? x : double{p[0]} * (x - p[1]);
    case ActivationCode::kHardSigmoid:
      return std::clamp(double{p[0]} * x + p[1], 0.0, 1.0);
    case ActivationCode::kMish:
      return x * std::tanh(x > 30 ? x : std::log1p(std::exp(x)));
    case ActivationCode::kLogSigmoid:
      return x < -30 ? x : -std::log1p(std::exp(-x));
    case ActivationCode::kTanhShrink:
      return x - std::tanh(x);
    case ActivationCode::kHardTanh:
      return std::clamp(x, -1.0, 1.0);
    case ActivationCode::kHardSilu:
      return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
    case ActivationCode::kCelu:
      return std::max(0.0, x) + std::min(0.0, p[0] * (std::exp(x / p[0]) - 1));
    case ActivationCode::kHardShrink:
      return x > p[0] || x < -p[0] ? x : 0;
    case ActivationCode::kSoftShrink:
      return std::copysign(std::max(std::fabs(x) - p[0], 0.0), x);
    case ActivationCode::kSparsePlus:
      return x <= -1 ? 0 : x >= 1 ? x : std::pow(x + 1, 2) / 4;
    case ActivationCode::kSquareplus:
      return x > 0 ? (x + std::hypot(x, std::sqrt(p[0]))) / 2
                   : p[0] / 2 / (std::hypot(x, std::sqrt(p[0])) - x);
    case ActivationCode::kAbsolute:
      return std::fabs(x);
    case ActivationCode::kSquare:
      return x * x;
    case ActivationCode::kSquareRoot:
      return std::sqrt(x);
    case ActivationCode::kReciprocal:
      return 1 / x;
    case ActivationCode::kLog:
      return std::log(x);
    case ActivationCode::kLog1p:
      return std::log1p(x);
    case ActivationCode::kExpm1:
      return std::expm1(x);
    case ActivationCode::kSine:
      return std::sin(x);
    case ActivationCode::kCosine:
      return std::cos(x);
    case ActivationCode::kSign:
      return x > 0 ? 1 : x < 0 ? -1 : 0;
    case ActivationCode::kPower:
      return std::pow(x, p[0]);
    case ActivationCode::kClip:
      return std::clamp(x, double{p[0]}, double{p[1]});
  }
  return NAN;
}

void ReferenceStep(const Spec& spec, Values& lane, std::vector<ReferenceValue>& values) {
  for (const OpSpec& op : spec.ops) {
    const bool fresh = Step(op, lane, values).Run();
    values[Index(op.output)].fresh = fresh;
    if (op.mask_output != kNone) values[Index(op.mask_output)].fresh = fresh;
  }
  for (const OutputSpec& output : spec.outputs) {
    const ReferenceValue& value = values[Index(output.value)];
    if (output.held_offset == kNone || !value.fresh) continue;
    std::copy(value.floats.begin(), value.floats.end(), lane.begin() + output.held_offset);
    lane[Index(output.holds_offset)] = 1;
  }
}

}  // namespace lstmd::test
