// Programs written as src/engine/encoding.ts writes them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <random>
#include <vector>

#include "program.h"

namespace lstmd::test {

class Builder {
 public:
  explicit Builder(int features, Mode mode = Mode::kContinuous, int window = 1, int stride = 1);

  /// Each adds an operation on the last value, with random weights; returns the value it writes.
  int Lstm(int units, Activation activation, Activation recurrent, bool has_bias = true);
  int Lstm(int units);
  int Dense(int units, Activation activation, bool has_bias = true);
  int TimeDense(int units, Activation activation, bool has_bias = true);
  int Activate(Activation activation);

  std::vector<std::int32_t> Words() const;
  const std::vector<float>& Weights() const { return weights_; }

  /// Compiles it; the test fails where that fails.
  std::unique_ptr<Program> Build(const Target& target) const;
  /// Parses it; `Weights()` must outlive the answer.
  Spec Parsed() const;

 private:
  int Random(std::int64_t count, double scale);
  int BeginOp(OpCode code, int units);
  void AddActivation(const Activation& activation);
  void EndOp();
  int State(int size);

  Mode mode_;
  int window_;
  int stride_;
  std::vector<int> value_sizes_;
  std::vector<std::int32_t> ops_;
  std::vector<float> weights_;
  std::size_t op_start_ = 0;
  int op_count_ = 0;
  int lane_state_size_ = 0;
  std::mt19937 random_{1};
};

inline constexpr Activation kLinear = {ActivationCode::kLinear, {}};
inline constexpr Activation kSigmoid = {ActivationCode::kSigmoid, {}};
inline constexpr Activation kTanh = {ActivationCode::kTanh, {}};
inline constexpr Activation kLeakyRelu = {ActivationCode::kRelu, {0.3f, 0, __builtin_inff()}};
inline constexpr Activation kRelu6 = {ActivationCode::kRelu, {0, 0.5f, 6}};
inline constexpr Activation kHardSigmoid = {ActivationCode::kHardSigmoid, {0.2f, 0.5f}};

std::vector<float> RandomFloats(std::mt19937& random, std::size_t count, float scale);

}  // namespace lstmd::test
