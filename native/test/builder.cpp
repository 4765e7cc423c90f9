#include "builder.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "test.h"

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

std::vector<std::int32_t> Builder::Words() const {
  const bool has_lanes = mode_ == Mode::kSliding && !is_whole_;
  const std::vector<int> outputs = outputs_.empty() ? std::vector<int>{last_} : outputs_;
  int state_size = lane_state_size_;
  std::vector<std::int32_t> rows;
  for (const ValueSpec& value : values_) {
    if (is_whole_) rows.push_back(value.steps);
    rows.push_back(value.size);
  }
  for (const int output : outputs) {
    rows.push_back(output);
    if (is_whole_) continue;
    rows.push_back(is_holding_ ? state_size : kNone);
    if (!is_holding_) continue;
    state_size += Value(output).size;
    rows.push_back(state_size++);
  }
  std::vector<std::int32_t> words = {kMagic,
                                     kVersion,
                                     static_cast<std::int32_t>(mode_),
                                     is_whole_ ? 1 : 0,
                                     window_,
                                     stride_,
                                     has_lanes ? (window_ + stride_ - 1) / stride_ : 1,
                                     window_,
                                     values_.front().size,
                                     static_cast<std::int32_t>(values_.size()),
                                     op_count_,
                                     static_cast<std::int32_t>(outputs.size()),
                                     state_size,
                                     static_cast<std::int32_t>(weight_format_)};
  words.insert(words.end(), rows.begin(), rows.end());
  words.insert(words.end(), ops_.begin(), ops_.end());
  return words;
}

void Builder::RoundWeights(WeightFormat format) {
  weight_format_ = format;
  if (format == WeightFormat::kFloat32) return;
  const Spec spec = Parsed();
  std::vector<OpSpec> ops = spec.ops;
  for (const WindowOpSpec& op : spec.window_ops)
    if (op.code == WindowOpCode::kScan) ops.push_back(op.op);
  for (const OpSpec& op : ops) {
    const auto round_recurrent = [this, &op](const RecurrentOp& operands, int gates) {
      RoundColumns({{operands.kernel, op.inputs}, {operands.recurrent_kernel, op.units}},
                   gates * op.units);
    };
    if (const auto* lstm = std::get_if<LstmOp>(&op.operands)) round_recurrent(*lstm, 4);
    if (const auto* gru = std::get_if<GruOp>(&op.operands)) round_recurrent(*gru, 3);
    if (const auto* rnn = std::get_if<SimpleRnnOp>(&op.operands)) round_recurrent(*rnn, 1);
    if (const auto* dense = std::get_if<DenseOp>(&op.operands))
      RoundColumns({{dense->kernel, op.inputs}}, op.units);
    if (const auto* conv = std::get_if<ConvOp>(&op.operands))
      RoundColumns({{conv->kernel, conv->size * op.inputs / conv->groups}}, op.units);
  }
}

void Builder::RoundColumns(std::initializer_list<std::pair<const float*, int>> matrices,
                           int columns) {
  for (int column = 0; column < columns; ++column) {
    float largest = 0;
    for (const auto& [matrix, rows] : matrices)
      for (int row = 0; row < rows; ++row)
        largest = std::max(largest, std::fabs(matrix[row * columns + column]));
    const float scale = largest / 127;
    for (const auto& [matrix, rows] : matrices) {
      for (int row = 0; row < rows; ++row) {
        float& weight = weights_[static_cast<std::size_t>(matrix - weights_.data()) +
                                 static_cast<std::size_t>(row * columns + column)];
        if (weight_format_ == WeightFormat::kInt8) {
          weight = std::round(weight / scale) * scale;
        } else {
          std::uint32_t bits;
          std::memcpy(&bits, &weight, sizeof bits);
          bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
          std::memcpy(&weight, &bits, sizeof bits);
        }
      }
    }
  }
}

std::unique_ptr<Program> Builder::Build(const Target& target) const {
  std::string error;
  std::unique_ptr<Program> program =
      Program::Create(Words(), std::span<const float>(weights_), target, &error);
  CHECK(program != nullptr, "%s", error.c_str());
  return program;
}

Spec Builder::Parsed() const {
  Spec spec;
  const std::string error = Parse(Words(), std::span<const float>(weights_), &spec);
  CHECK(error.empty(), "%s", error.c_str());
  return spec;
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

std::vector<float> RandomFloats(std::mt19937& random, std::size_t count, float scale) {
  // One factor makes -scale to scale of a signed integer, in much less time than a distribution of
  // the library takes under the sanitizers.
  const float factor = scale * 0x1p-31f;
  std::vector<float> floats(count);
  for (float& value : floats)
    value = factor * static_cast<float>(static_cast<std::int32_t>(random()));
  return floats;
}

}  // namespace lstmd::test
