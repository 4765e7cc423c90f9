#include "builder.h"

#include <cmath>

#include "test.h"

namespace lstmd::test {

Builder::Builder(int features, Mode mode, int window, int stride)
    : mode_(mode), window_(window), stride_(stride), value_sizes_{features} {}

int Builder::Lstm(int units, Activation activation, Activation recurrent, bool has_bias) {
  const int inputs = value_sizes_.back();
  // Contractive: two states of a random network of a larger gain part for good.
  const double scale = 1.0 / std::sqrt(inputs + units);
  const int output = BeginOp(OpCode::kLstm, units);
  ops_.push_back(Random(std::int64_t{inputs} * 4 * units, scale));
  ops_.push_back(Random(std::int64_t{units} * 4 * units, scale));
  ops_.push_back(has_bias ? Random(4 * units, 1) : kNone);
  AddActivation(activation);
  AddActivation(recurrent);
  ops_.push_back(State(units));
  ops_.push_back(State(units));
  EndOp();
  return output;
}

int Builder::Lstm(int units) { return Lstm(units, kTanh, kSigmoid); }

int Builder::Dense(int units, Activation activation, bool has_bias) {
  const int inputs = value_sizes_.back();
  const int output = BeginOp(OpCode::kDense, units);
  ops_.push_back(Random(std::int64_t{inputs} * units, 1 / std::sqrt(inputs)));
  ops_.push_back(has_bias ? Random(units, 1) : kNone);
  AddActivation(activation);
  EndOp();
  return output;
}

int Builder::TimeDense(int units, Activation activation, bool has_bias) {
  const int inputs = value_sizes_.back();
  const int output = BeginOp(OpCode::kTimeDense, units);
  ops_.push_back(Random(std::int64_t{window_} * inputs * units, 1 / std::sqrt(inputs * window_)));
  ops_.push_back(has_bias ? Random(units, 1) : kNone);
  AddActivation(activation);
  ops_.push_back(State(units));
  EndOp();
  return output;
}

int Builder::Activate(Activation activation) {
  const int output = BeginOp(OpCode::kActivation, value_sizes_.back());
  AddActivation(activation);
  EndOp();
  return output;
}

std::vector<std::int32_t> Builder::Words() const {
  const bool sliding = mode_ == Mode::kSliding;
  std::vector<std::int32_t> words = {kMagic,
                                     kVersion,
                                     static_cast<std::int32_t>(mode_),
                                     window_,
                                     stride_,
                                     sliding ? (window_ + stride_ - 1) / stride_ : 1,
                                     window_,
                                     value_sizes_.front(),
                                     static_cast<std::int32_t>(value_sizes_.size()),
                                     op_count_,
                                     1,
                                     lane_state_size_};
  words.insert(words.end(), value_sizes_.begin(), value_sizes_.end());
  words.push_back(static_cast<std::int32_t>(value_sizes_.size()) - 1);
  words.insert(words.end(), ops_.begin(), ops_.end());
  return words;
}

std::unique_ptr<Program> Builder::Build(const Target& target) const {
  std::string error;
  std::unique_ptr<Program> program = Program::Create(Words(), weights_, target, &error);
  CHECK(program != nullptr, "%s", error.c_str());
  return program;
}

Spec Builder::Parsed() const {
  Spec spec;
  const std::string error = Parse(Words(), weights_, &spec);
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

int Builder::BeginOp(OpCode code, int units) {
  op_start_ = ops_.size();
  ops_.push_back(static_cast<std::int32_t>(code));
  ops_.push_back(0);
  ops_.push_back(static_cast<std::int32_t>(value_sizes_.size()) - 1);
  ops_.push_back(static_cast<std::int32_t>(value_sizes_.size()));
  value_sizes_.push_back(units);
  ++op_count_;
  return ops_.back();
}

void Builder::AddActivation(const Activation& activation) {
  ops_.push_back(static_cast<std::int32_t>(activation.code));
  ops_.push_back(static_cast<std::int32_t>(weights_.size()));
  weights_.insert(weights_.end(), activation.parameters, activation.parameters + 3);
}

void Builder::EndOp() { ops_[op_start_ + 1] = static_cast<std::int32_t>(ops_.size() - op_start_); }

int Builder::State(int size) {
  lane_state_size_ += size;
  return lane_state_size_ - size;
}

std::vector<float> RandomFloats(std::mt19937& random, std::size_t count, float scale) {
  std::uniform_real_distribution<float> distribution(-scale, scale);
  std::vector<float> floats(count);
  for (float& value : floats) value = distribution(random);
  return floats;
}

}  // namespace lstmd::test
