// The program that a builder makes of its operations.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "builder.h"
#include "test.h"

namespace lstmd::test {

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
      Program::Create(Words(), ::lstmd::Weights(std::span<const float>(weights_)), target, &error);
  CHECK(program != nullptr, "%s", error.c_str());
  return program;
}

Spec Builder::Parsed() const {
  Spec spec;
  const std::string error =
      Parse(Words(), ::lstmd::Weights(std::span<const float>(weights_)), &spec);
  CHECK(error.empty(), "%s", error.c_str());
  return spec;
}

}  // namespace lstmd::test
