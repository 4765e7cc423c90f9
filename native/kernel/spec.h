// A program as parsed: checked, and still in the caller's layout of weights.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "activation.h"
#include "format.h"

namespace lstmd {

struct OpSpec {
  OpCode code;
  int input;   ///< Value read.
  int output;  ///< Value written.
  int inputs;  ///< Size of the value read.
  int units;   ///< Size of the value written.
  /// Into the weights given to `Parse`; null where the operation has none.
  const float* kernel;
  const float* recurrent_kernel;
  const float* bias;
  Activation activation;
  Activation recurrent_activation;
  int h_offset;
  int c_offset;
  int acc_offset;
};

struct Spec {
  Mode mode;
  int window;
  int stride;
  int lanes;
  int warmup_samples;
  int features;
  int lane_state_size;
  int output_size;
  std::int64_t state_size;
  std::vector<int> value_sizes;
  std::vector<int> outputs;
  std::vector<OpSpec> ops;

  /// The phases that a state can be in: see src/engine/program.ts.
  int period() const {
    return mode == Mode::kContinuous ? 1 : mode == Mode::kSequence ? window : lanes * stride;
  }
};

/// Reads an encoded program, believing nothing.
/// Returns what is wrong with it, or an empty string; `spec` points into `weights`.
std::string Parse(std::span<const std::int32_t> words, std::span<const float> weights, Spec* spec);

}  // namespace lstmd
