#pragma once

#include <cstdint>
#include <limits>

#include "format/activation.h"
#include "format/codes.h"
#include "format/operations.h"

namespace lstmd {

/// The place of the candidate among Keras's gates: i, f, g, o of the LSTM and z, r, h of the GRU.
inline constexpr int kCandidate = 2;

/// Returns whether a cell has tanh and sigmoid and nothing between them and the sums, which it then
/// computes in a form of its own.
inline bool IsFolded(const RecurrentOp& op, const Activation& recurrent_activation) {
  return op.activation.code == ActivationCode::kTanh &&
         recurrent_activation.code == ActivationCode::kSigmoid &&
         op.clip == std::numeric_limits<float>::infinity();
}

inline bool IsFolded(const GruOp& op) { return IsFolded(op, op.recurrent_activation); }

inline bool IsFolded(const LstmOp& op) {
  return IsFolded(op, op.recurrent_activation) && op.peepholes == nullptr && !op.is_coupled &&
         op.state_activation.code == ActivationCode::kTanh;
}

/// The tensors of a recurrent layer and how they are packed. The kernels lie one below the other as
/// the rows of [h; x]: those of h first.
struct RecurrentLayer {
  WeightFormat format;
  int inputs;
  int units;
  int gates;
  bool is_folded;
  const float* kernel;
  const float* recurrent_kernel;
  const float* bias;
  const float* recurrent_bias;

  /// The columns of a kernel: one for each unit of each gate.
  std::int64_t columns() const { return std::int64_t{gates} * units; }

  float Bias(int column) const { return bias == nullptr ? 0 : bias[column]; }

  float RecurrentBias(int column) const {
    return recurrent_bias == nullptr ? 0 : recurrent_bias[column];
  }

  /// The weights of row `k` of [h; x].
  const float* Row(int k) const {
    return k < units ? recurrent_kernel + std::int64_t{k} * columns()
                     : kernel + std::int64_t{k - units} * columns();
  }

  float Weight(int k, int column) const { return Row(k)[column]; }

  /// sigmoid(z) = 1 / (1 + e^y) with y = -z, and tanh(z) = (1 - e^y) / (1 + e^y) with y = -2 z.
  /// Both factors are exact; a factor of log2(e) would round every weight, to save a
  /// multiplication.
  double Factor(int gate) const { return is_folded ? (gate == kCandidate ? -2 : -1) : 1; }
};

}  // namespace lstmd
