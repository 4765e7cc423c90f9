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

  /// Whether the output is fresh.
  bool Run() {
    for (const int source : op_.sources)
      if (!values_[Index(source)].fresh) return false;
    y_.assign(Index(op_.units), 0);
    switch (op_.code) {
      case OpCode::kLstm:
        return Recur([this] { Lstm(); });
      case OpCode::kGru:
        return Recur([this] { Gru(); });
      case OpCode::kSimpleRnn:
        return Recur([this] {
          y_ = Gate(0, 1, At(op_.h_offset, op_.units));
          Apply(op_.activation, y_);
        });
      case OpCode::kDense:
        y_ = Bias(op_.bias, op_.units);
        AddProduct(op_.kernel, x_, op_.units, 0, y_);
        Apply(op_.activation, y_);
        return true;
      case OpCode::kTimeDense:
        TimeDense();
        return true;
      case OpCode::kActivation:
        y_ = x_;
        Apply(op_.activation, y_);
        return true;
      case OpCode::kAffine:
        ForEach([this](std::size_t i) { return x_[i] * op_.scale[i] + op_.shift[i]; });
        return true;
      case OpCode::kPrelu: {
        const float* const alpha = op_.alpha + TakePosition() * op_.units;
        ForEach([this, alpha](std::size_t i) { return x_[i] > 0 ? x_[i] : alpha[i] * x_[i]; });
        return true;
      }
      case OpCode::kLayerNorm:
        LayerNorm();
        return true;
      case OpCode::kMask: {
        const bool is_kept =
            std::any_of(x_.begin(), x_.end(), [this](double x) { return x != op_.parameter; });
        values_[Index(op_.mask)].floats = {is_kept ? 1.0 : 0.0};
        ForEach([this, is_kept](std::size_t i) { return is_kept ? x_[i] : 0; });
        return true;
      }
      case OpCode::kMerge:
        Merge();
        return true;
      case OpCode::kConcatenate:
        y_.clear();
        for (const int source : op_.sources) {
          const Values& part = values_[Index(source)].floats;
          y_.insert(y_.end(), part.begin(), part.end());
        }
        return true;
      case OpCode::kConv:
      case OpCode::kPool:
        return Span();
      case OpCode::kGlobalPool:
        return GlobalPool();
      case OpCode::kSkip: {
        double& count = lane_[Index(op_.count_offset)];
        if (count < op_.skipped) {
          ++count;
          return false;
        }
        y_ = x_;
        return true;
      }
    }
    return false;
  }

 private:
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

  bool IsMasked() const { return op_.mask != kNone && values_[Index(op_.mask)].floats[0] == 0; }

  template <typename Cell>
  bool Recur(Cell cell) {
    if (IsMasked()) {
      y_ = At(op_.h_offset, op_.units);
    } else {
      cell();
      Keep(op_.h_offset, y_);
    }
    return true;
  }

  /// Before its activation.
  Values Gate(int gate, int gates, const Values& h) const {
    Values z = Bias(op_.bias, op_.units, gate * op_.units);
    AddProduct(op_.kernel, x_, gates * op_.units, gate * op_.units, z);
    AddProduct(op_.recurrent_kernel, h, gates * op_.units, gate * op_.units, z);
    return z;
  }

  void Lstm() {
    const Values h = At(op_.h_offset, op_.units);
    Values gates[4];
    for (int gate = 0; gate < 4; ++gate) {
      gates[gate] = Gate(gate, 4, h);
      Apply(gate == 2 ? op_.activation : op_.recurrent_activation, gates[gate]);
    }
    Values c = At(op_.c_offset, op_.units);
    for (std::size_t i = 0; i < c.size(); ++i)
      c[i] = gates[1][i] * c[i] + gates[0][i] * gates[2][i];
    Keep(op_.c_offset, c);
    Apply(op_.activation, c);
    ForEach([&c, &gates](std::size_t i) { return gates[3][i] * c[i]; });
  }

  void Gru() {
    const int units = op_.units;
    const Values h = At(op_.h_offset, units);
    Values z = Gate(0, 3, h);
    Values r = Gate(1, 3, h);
    if (op_.recurrent_bias != nullptr)
      for (std::size_t i = 0; i < z.size(); ++i) {
        z[i] += op_.recurrent_bias[i];
        r[i] += op_.recurrent_bias[Index(units) + i];
      }
    Apply(op_.recurrent_activation, z);
    Apply(op_.recurrent_activation, r);
    Values candidate = Bias(op_.bias, units, 2 * units);
    AddProduct(op_.kernel, x_, 3 * units, 2 * units, candidate);
    if (op_.reset_after) {
      Values recurrent = Bias(op_.recurrent_bias, units, 2 * units);
      AddProduct(op_.recurrent_kernel, h, 3 * units, 2 * units, recurrent);
      for (std::size_t i = 0; i < r.size(); ++i) candidate[i] += r[i] * recurrent[i];
    } else {
      Values kept = h;
      for (std::size_t i = 0; i < r.size(); ++i) kept[i] *= r[i];
      AddProduct(op_.recurrent_kernel, kept, 3 * units, 2 * units, candidate);
    }
    Apply(op_.activation, candidate);
    ForEach([&](std::size_t i) { return z[i] * h[i] + (1 - z[i]) * candidate[i]; });
  }

  std::int64_t TakePosition() {
    if (op_.count_offset == kNone) return 0;
    double& position = lane_[Index(op_.count_offset)];
    const std::int64_t taken = static_cast<std::int64_t>(position);
    position = taken + 1 == op_.steps ? 0 : static_cast<double>(taken + 1);
    return taken;
  }

  void TimeDense() {
    const std::int64_t position = TakePosition();
    Values acc = position == 0 ? Values(Index(op_.units), 0) : At(op_.acc_offset, op_.units);
    AddProduct(op_.kernel + position * op_.inputs * op_.units, x_, op_.units, 0, acc);
    Keep(op_.acc_offset, acc);
    const Values bias = Bias(op_.bias, op_.units);
    ForEach([&](std::size_t i) { return acc[i] + bias[i]; });
    Apply(op_.activation, y_);
  }

  void LayerNorm() {
    double mean = 0;
    for (const double x : x_) mean += x / op_.inputs;
    double variance = 0;
    for (const double x : x_) variance += (x - mean) * (x - mean) / op_.inputs;
    ForEach([&](std::size_t i) {
      const double normal = (x_[i] - mean) / std::sqrt(variance + op_.parameter);
      return normal * (op_.scale == nullptr ? 1 : op_.scale[i]) +
             (op_.shift == nullptr ? 0 : op_.shift[i]);
    });
  }

  void Merge() {
    ForEach([this](std::size_t i) {
      double merged = x_[i];
      for (std::size_t part = 1; part < op_.sources.size(); ++part) {
        const double other = values_[Index(op_.sources[part])].floats[i];
        if (op_.merge == MergeCode::kSubtract) merged -= other;
        if (op_.merge == MergeCode::kMultiply) merged *= other;
        if (op_.merge == MergeCode::kMaximum) merged = std::max(merged, other);
        if (op_.merge == MergeCode::kMinimum) merged = std::min(merged, other);
        if (op_.merge == MergeCode::kAdd || op_.merge == MergeCode::kAverage) merged += other;
      }
      return op_.merge == MergeCode::kAverage ? merged / static_cast<double>(op_.sources.size())
                                              : merged;
    });
  }

  bool Span() {
    Values inputs = At(op_.history_offset, op_.history() * op_.inputs);
    inputs.insert(inputs.end(), x_.begin(), x_.end());
    const int first = op_.history() - op_.pad_before;
    double& count = lane_[Index(op_.count_offset)];
    const bool is_complete = count == first;
    count = count + 1 == first + op_.stride ? first : count + 1;
    int taps = op_.history() + 1;
    if (op_.seen_offset != kNone) {
      double& seen = lane_[Index(op_.seen_offset)];
      taps = static_cast<int>(seen) + 1;
      seen = std::min(seen + 1, static_cast<double>(op_.history()));
    }
    if (is_complete && op_.code == OpCode::kConv) Convolve(inputs);
    if (is_complete && op_.code == OpCode::kPool) Pool(inputs, taps);
    Keep(op_.history_offset, Values(inputs.begin() + op_.inputs, inputs.end()));
    return is_complete;
  }

  void Convolve(const Values& inputs) {
    y_ = Bias(op_.bias, op_.units);
    const int group_inputs = op_.inputs / op_.groups;
    const int group_filters = op_.units / op_.groups;
    for (int tap = 0; tap < op_.size; ++tap)
      for (int k = 0; k < group_inputs; ++k)
        for (int filter = 0; filter < op_.units; ++filter)
          y_[Index(filter)] += inputs[Index(tap * op_.dilation * op_.inputs +
                                            filter / group_filters * group_inputs + k)] *
                               op_.kernel[(tap * group_inputs + k) * op_.units + filter];
    Apply(op_.activation, y_);
  }

  void Pool(const Values& inputs, int taps) {
    const std::size_t last = inputs.size() - Index(op_.inputs);
    ForEach([&](std::size_t i) {
      double pooled = inputs[last + i];
      for (std::size_t tap = 1; tap < Index(taps); ++tap) {
        const double x = inputs[last + i - tap * Index(op_.inputs)];
        pooled = op_.pool == PoolCode::kMaximum ? std::max(pooled, x) : pooled + x;
      }
      return op_.pool == PoolCode::kMaximum ? pooled : pooled / taps;
    });
  }

  bool GlobalPool() {
    double& count = lane_[Index(op_.count_offset)];
    Values acc = At(op_.acc_offset, op_.units);
    if (!IsMasked()) {
      for (std::size_t i = 0; i < acc.size(); ++i)
        acc[i] = count == 0                       ? x_[i]
                 : op_.pool == PoolCode::kMaximum ? std::max(acc[i], x_[i])
                                                  : acc[i] + x_[i];
      ++count;
      Keep(op_.acc_offset, acc);
    }
    if (count == 0) return false;
    ForEach(
        [&](std::size_t i) { return op_.pool == PoolCode::kMaximum ? acc[i] : acc[i] / count; });
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
  }
  return NAN;
}

void ReferenceStep(const Spec& spec, Values& lane, std::vector<ReferenceValue>& values) {
  for (const OpSpec& op : spec.ops) {
    const bool fresh = Step(op, lane, values).Run();
    values[Index(op.output)].fresh = fresh;
    if (op.code == OpCode::kMask) values[Index(op.mask)].fresh = fresh;
  }
  for (const OutputSpec& output : spec.outputs) {
    const ReferenceValue& value = values[Index(output.value)];
    if (output.held_offset == kNone || !value.fresh) continue;
    std::copy(value.floats.begin(), value.floats.end(), lane.begin() + output.held_offset);
    lane[Index(output.holds_offset)] = 1;
  }
}

}  // namespace lstmd::test
