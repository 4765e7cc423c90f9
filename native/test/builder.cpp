#include "builder.h"

#include <cmath>

namespace lstmd::test {
namespace {

/// The bound of random weights that makes a layer contractive. With a larger gain two nearly equal
/// states of a random network move apart.
double Scale(int inputs, int units) { return 1.0 / std::sqrt(inputs + units); }

}  // namespace

Builder::Builder(int features, Mode mode, int window, int stride)
    : mode_(mode), window_(window), stride_(stride), values_{{1, features}} {}

Builder Builder::OfWindows(int features, int window, int stride) {
  Builder builder(features, Mode::kSliding, window, stride);
  builder.is_whole_ = true;
  builder.values_[0].steps = window;
  return builder;
}

int Builder::Lstm(int units, Activation activation, Activation recurrent, bool has_bias) {
  const int inputs = Size();
  const int output = BeginOp(OpCode::kLstm, units);
  Add(mask_);
  Add(Random(std::int64_t{inputs} * 4 * units, Scale(inputs, units)));
  Add(Random(std::int64_t{units} * 4 * units, Scale(inputs, units)));
  Add(Bias(4 * units, has_bias));
  AddActivation(activation);
  AddActivation(recurrent);
  Add(State(units));
  Add(State(units));
  AddClip();
  Add(cells_.has_peepholes ? Random(std::int64_t{3} * units, 0.5) : kNone);
  const bool is_own = cells_.state_activation.code != ActivationCode::kLinear;
  AddActivation(is_own ? cells_.state_activation : activation);
  Add(cells_.is_coupled ? 1 : 0);
  EndOp();
  return output;
}

int Builder::Gru(int units, bool reset_after, Activation activation, Activation recurrent,
                 bool has_bias) {
  const int inputs = Size();
  const int output = BeginOp(OpCode::kGru, units);
  Add(mask_);
  Add(Random(std::int64_t{inputs} * 3 * units, Scale(inputs, units)));
  Add(Random(std::int64_t{units} * 3 * units, Scale(inputs, units)));
  Add(Bias(3 * units, has_bias));
  Add(Bias(3 * units, has_bias && reset_after));
  Add(reset_after ? 1 : 0);
  AddActivation(activation);
  AddActivation(recurrent);
  Add(State(units));
  AddClip();
  EndOp();
  return output;
}

int Builder::SimpleRnn(int units, Activation activation, bool has_bias) {
  const int inputs = Size();
  const int output = BeginOp(OpCode::kSimpleRnn, units);
  Add(mask_);
  Add(Random(std::int64_t{inputs} * units, Scale(inputs, units)));
  Add(Random(std::int64_t{units} * units, Scale(inputs, units)));
  Add(Bias(units, has_bias));
  AddActivation(activation);
  Add(State(units));
  AddClip();
  EndOp();
  return output;
}

int Builder::Dense(int units, Activation activation, bool has_bias) {
  const int inputs = Size();
  const int output = BeginOp(OpCode::kDense, units);
  Add(Random(std::int64_t{inputs} * units, 1 / std::sqrt(inputs)));
  Add(Bias(units, has_bias));
  AddActivation(activation);
  EndOp();
  return output;
}

int Builder::TimeDense(int units, Activation activation, bool has_bias) {
  const int inputs = Size();
  const int output = BeginOp(OpCode::kTimeDense, units);
  Add(window_);
  Add(Random(std::int64_t{window_} * inputs * units, 1 / std::sqrt(inputs * window_)));
  Add(Bias(units, has_bias));
  AddActivation(activation);
  Add(State(units));
  Add(State(1));
  EndOp();
  return output;
}

int Builder::Activate(Activation activation) {
  const int output = BeginOp(OpCode::kActivation, Size());
  AddActivation(activation);
  EndOp();
  return output;
}

int Builder::Affine() {
  const int size = Size();
  const int output = BeginOp(OpCode::kAffine, size);
  Add(Random(size, 1));
  Add(Random(size, 1));
  EndOp();
  return output;
}

int Builder::Prelu(int steps) {
  const int size = Size();
  const int output = BeginOp(OpCode::kPrelu, size);
  Add(steps);
  Add(Random(std::int64_t{steps} * size, 1));
  Add(steps == 1 ? kNone : State(1));
  EndOp();
  return output;
}

int Builder::LayerNorm(bool has_weights) {
  const int size = Size();
  const int output = BeginOp(OpCode::kLayerNorm, size);
  Add(Bias(size, has_weights));
  Add(Bias(size, has_weights));
  Add(Number(1e-3f));
  EndOp();
  return output;
}

int Builder::Mask(float value) {
  const int output = BeginOp(OpCode::kMask, Size());
  mask_ = AddValue(Value(output).steps, 1);
  Add(Number(value));
  Add(mask_);
  EndOp();
  return output;
}

int Builder::Merge(MergeCode operation, std::initializer_list<int> inputs) {
  const int output = BeginOp(OpCode::kMerge, Value(*inputs.begin()).size, *inputs.begin());
  Add(static_cast<int>(operation));
  AddInputs(inputs);
  EndOp();
  return output;
}

int Builder::Gather(std::initializer_list<int> indices) {
  const int output = BeginOp(OpCode::kGather, static_cast<int>(indices.size()));
  for (const int index : indices) Add(index);
  EndOp();
  return output;
}

int Builder::Reduce(ReduceCode operation, int units) {
  const int output = BeginOp(OpCode::kReduce, units);
  Add(static_cast<int>(operation));
  EndOp();
  return output;
}

int Builder::MatMul(int right, int count, int rows, int inner, int columns) {
  const int output = BeginOp(OpCode::kMatMul, count * rows * columns);
  for (const int word : {right, count, rows, inner, columns}) Add(word);
  EndOp();
  return output;
}

int Builder::Concatenate(std::initializer_list<int> inputs) {
  int size = 0;
  for (const int input : inputs) size += Value(input).size;
  const int output = BeginOp(OpCode::kConcatenate, size, *inputs.begin());
  AddInputs(inputs);
  EndOp();
  return output;
}

int Builder::Conv(int filters, SpanOptions span, int groups, Activation activation) {
  const int inputs = Size();
  const int output = BeginOp(OpCode::kConv, filters);
  AddSpan(span, inputs);
  Add(groups);
  const int taps = span.size * inputs / groups;
  Add(Random(std::int64_t{taps} * filters, 1 / std::sqrt(taps)));
  Add(Random(filters, 1));
  AddActivation(activation);
  EndOp();
  return output;
}

int Builder::Pool(PoolCode operation, SpanOptions span) {
  const int output = BeginOp(OpCode::kPool, Size());
  AddSpan(span, Value(output).size);
  Add(static_cast<int>(operation));
  Add(span.pad_before > 0 ? State(1) : kNone);
  EndOp();
  return output;
}

int Builder::GlobalPool(PoolCode operation) {
  const int size = Size();
  const int output = BeginOp(OpCode::kGlobalPool, size);
  Add(static_cast<int>(operation));
  Add(State(size));
  Add(State(1));
  Add(mask_);
  EndOp();
  return output;
}

int Builder::Skip(int count) {
  const int output = BeginOp(OpCode::kSkip, Size());
  Add(count);
  Add(State(1));
  EndOp();
  return output;
}

int Builder::BeginStates(int count, int offset) {
  const int output = BeginOp(OpCode::kBegin, Size());
  Add(count);
  Add(Random(count, 1));
  Add(offset);
  Add(State(1));
  EndOp();
  return output;
}

int Builder::Recall(int offset, int size) {
  const int output = BeginOp(OpCode::kRecall, size);
  Add(offset);
  EndOp();
  return output;
}

int Builder::Keep() {
  const int size = Size();
  const int output = BeginOp(OpCode::kKeep, size);
  Add(State(size));
  EndOp();
  return output;
}

int Builder::Rearrange(WindowOpCode code, int steps, int size,
                       std::initializer_list<int> operands) {
  const int input = last_;
  last_ = AddValue(steps, size);
  ops_.insert(ops_.end(),
              {static_cast<int>(code), static_cast<int>(4 + operands.size()), input, last_});
  ops_.insert(ops_.end(), operands);
  ++op_count_;
  return last_;
}

int Builder::Pad(int before, int after, float value) {
  const ValueSpec& input = Value(last_);
  return Rearrange(WindowOpCode::kPad, before + input.steps + after, input.size,
                   {before, after, Number(value)});
}

int Builder::Random(std::int64_t count, double scale) {
  const int offset = static_cast<int>(weights_.size());
  const std::vector<float> floats =
      RandomFloats(random_, static_cast<std::size_t>(count), static_cast<float>(scale));
  weights_.insert(weights_.end(), floats.begin(), floats.end());
  return offset;
}

int Builder::Number(float value) {
  weights_.push_back(value);
  return static_cast<int>(weights_.size()) - 1;
}

int Builder::AddValue(int steps, int size) {
  values_.push_back({steps, size});
  return static_cast<int>(values_.size()) - 1;
}

int Builder::BeginOp(OpCode code, int units, int input) {
  scan_start_ = ops_.size();
  if (is_whole_)
    ops_.insert(ops_.end(), {static_cast<int>(WindowOpCode::kScan), 0, reverse_, 0, 0});
  op_start_ = ops_.size();
  last_ = AddValue(kept_steps_ > 0 ? kept_steps_ : Value(input).steps, units);
  kept_steps_ = 0;
  ops_.insert(ops_.end(), {static_cast<int>(code), 0, input, last_});
  ++op_count_;
  return last_;
}

void Builder::AddActivation(const Activation& activation) {
  Add(static_cast<int>(activation.code));
  Add(static_cast<int>(weights_.size()));
  weights_.insert(weights_.end(), activation.parameters, activation.parameters + 3);
}

void Builder::AddSpan(const SpanOptions& span, int inputs) {
  Add(span.size);
  Add(span.stride);
  Add(span.dilation);
  Add(span.pad_before);
  Add(State(span.dilation * (span.size - 1) * inputs));
  Add(State(1));
}

void Builder::AddInputs(std::initializer_list<int> inputs) {
  Add(static_cast<int>(inputs.size()));
  ops_.insert(ops_.end(), inputs);
}

void Builder::EndOp() {
  const int end = static_cast<int>(ops_.size());
  if (is_whole_) ops_[scan_start_ + 1] = end - static_cast<int>(scan_start_);
  ops_[op_start_ + 1] = end - static_cast<int>(op_start_);
}

int Builder::State(int size) {
  lane_state_size_ += size;
  return lane_state_size_ - size;
}

}  // namespace lstmd::test
