// Programs written as words and weights: docs/formats/program-words.md.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "random-floats.h"
#include "run/program.h"

namespace lstmd::test {

inline constexpr float kInfinity = __builtin_inff();
inline constexpr Activation kLinear = {ActivationCode::kLinear, {}, nullptr};
inline constexpr Activation kSigmoid = {ActivationCode::kSigmoid, {}, nullptr};
inline constexpr Activation kTanh = {ActivationCode::kTanh, {}, nullptr};
inline constexpr Activation kSoftmax = {ActivationCode::kSoftmax, {}, nullptr};
inline constexpr Activation kSparsemax = {ActivationCode::kSparsemax, {}, nullptr};
inline constexpr Activation kLeakyRelu = {ActivationCode::kRelu, {0.3f, 0, kInfinity}, nullptr};
inline constexpr Activation kRelu6 = {ActivationCode::kRelu, {0, 0.5f, 6}, nullptr};
inline constexpr Activation kHardSigmoid = {ActivationCode::kHardSigmoid, {0.2f, 0.5f}, nullptr};

struct SpanOptions {
  int size = 1;
  int stride = 1;
  int dilation = 1;
  int pad_before = 0;
};

/// The parts of a recurrent layer that few models have.
struct CellOptions {
  float clip = kInfinity;
  bool has_peepholes = false;
  bool is_coupled = false;
  /// The activation of c; where it is linear, c has the layer's own.
  Activation state_activation = kLinear;
};

class Builder {
 public:
  explicit Builder(int features, Mode mode = Mode::kContinuous, int window = 1, int stride = 1);
  /// Whole windows: each step operation is a scan, of outputs of as many steps as its input
  /// unless `KeepSteps` says otherwise.
  static Builder OfWindows(int features, int window, int stride);

  /// Each adds an operation on the last value, with random weights; returns the value it writes.
  /// Recurrent layers and global pooling are masked by the last mask.
  int Lstm(int units, Activation activation = kTanh, Activation recurrent = kSigmoid,
           bool has_bias = true);
  int Gru(int units, bool reset_after, Activation activation = kTanh,
          Activation recurrent = kSigmoid, bool has_bias = true);
  int SimpleRnn(int units, Activation activation = kTanh, bool has_bias = true);
  int Dense(int units, Activation activation, bool has_bias = true);
  int TimeDense(int units, Activation activation, bool has_bias = true);
  int Activate(Activation activation);
  int Affine();
  int Prelu(int steps);
  int LayerNorm(bool has_weights);
  int Mask(float value);
  int Merge(MergeCode operation, std::initializer_list<int> inputs);
  int Concatenate(std::initializer_list<int> inputs);
  int Conv(int filters, SpanOptions span, int groups, Activation activation);
  int Pool(PoolCode operation, SpanOptions span);
  int GlobalPool(PoolCode operation);
  int Skip(int count);
  /// Begins the states of the recurrent layer behind it, whose state has `offset`, with numbers.
  int BeginStates(int count, int offset);
  /// Gives the state of `size` floats at an offset, as it is behind the last operation.
  int Recall(int offset, int size);
  int Keep();
  int Gather(std::initializer_list<int> indices);
  int Reduce(ReduceCode operation, int units);
  /// Multiplies the last value by `right`.
  int MatMul(int right, int count, int rows, int inner, int columns);

  /// Whole windows only.
  int Rearrange(WindowOpCode code, int steps, int size, std::initializer_list<int> operands);
  int Pad(int before, int after, float value);
  void KeepSteps(int steps) { kept_steps_ = steps; }
  void SetReverse(bool reverse) { reverse_ = reverse; }

  /// Gives the recurrent layers that follow these parts.
  void SetCells(const CellOptions& options) { cells_ = options; }

  void FillWeights(float value) { weights_.assign(weights_.size(), value); }
  void SetWeightFormat(WeightFormat format) { weight_format_ = format; }
  /// Rounds the weights as src/engine/program/weight-format.ts does; those of TimeDense stay.
  void RoundWeights(WeightFormat format);
  /// The output is the last value unless this gives others.
  void SetOutputs(std::initializer_list<int> values) { outputs_ = values; }
  /// Keeps the last row of every output.
  void HoldOutputs() { is_holding_ = true; }

  std::vector<std::int32_t> Words() const;
  const std::vector<float>& Weights() const { return weights_; }

  /// Compiles the program; fails the test where that fails.
  std::unique_ptr<Program> Build(const Target& target) const;
  /// Parses the program; `Weights()` must outlive the result.
  Spec Parsed() const;

 private:
  const ValueSpec& Value(int value) const { return values_[static_cast<std::size_t>(value)]; }
  int Size() const { return Value(last_).size; }
  /// Rounds the columns of one or two matrices, which lie one below the other.
  void RoundColumns(std::initializer_list<std::pair<const float*, int>> matrices, int columns);
  int Random(std::int64_t count, double scale);
  int Bias(int count, bool has_bias) { return has_bias ? Random(count, 1) : kNone; }
  int Number(float value);
  int AddValue(int steps, int size);
  int BeginOp(OpCode code, int units) { return BeginOp(code, units, last_); }
  int BeginOp(OpCode code, int units, int input);
  void AddClip() { Add(cells_.clip == kInfinity ? kNone : Number(cells_.clip)); }
  void AddActivation(const Activation& activation);
  void AddSpan(const SpanOptions& span, int inputs);
  void AddInputs(std::initializer_list<int> inputs);
  void Add(int word) { ops_.push_back(word); }
  void EndOp();
  int State(int size);

  Mode mode_;
  int window_;
  int stride_;
  WeightFormat weight_format_ = WeightFormat::kFloat32;
  bool is_whole_ = false;
  bool reverse_ = false;
  bool is_holding_ = false;
  int kept_steps_ = 0;
  std::vector<ValueSpec> values_;
  int last_ = 0;
  std::vector<int> outputs_;
  int mask_ = kNone;
  CellOptions cells_;
  std::vector<std::int32_t> ops_;
  std::vector<float> weights_;
  std::size_t scan_start_ = 0;
  std::size_t op_start_ = 0;
  int op_count_ = 0;
  int lane_state_size_ = 0;
  std::mt19937 random_{1};
};

}  // namespace lstmd::test
