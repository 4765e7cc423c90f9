// A program as parsed: checked, and still in the caller's layout of weights.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "format/activation.h"
#include "format/format.h"

namespace lstmd {

/// A step operation. Tensors point into the weights given to `Parse`; offsets are into a lane;
/// null or kNone is what the operation does not have.
struct OpSpec {
  OpCode code;
  int input;   ///< Value read.
  int output;  ///< Value written.
  int inputs;  ///< Size of the value read.
  int units;   ///< Size of the value written.
  /// All values read, the mask of a recurrent operation and of a global pooling last.
  std::vector<int> sources;
  int mask = kNone;  ///< Value read, or written by a mask operation.

  const float* kernel = nullptr;
  const float* recurrent_kernel = nullptr;
  const float* bias = nullptr;
  const float* recurrent_bias = nullptr;
  const float* scale = nullptr;  ///< Affine: scale; layer normalisation: gamma.
  const float* shift = nullptr;  ///< Affine: shift; layer normalisation: beta.
  const float* alpha = nullptr;  ///< PReLU.
  float parameter = 0;           ///< Layer normalisation: epsilon; mask: the masked value.
  Activation activation = {};
  Activation recurrent_activation = {};
  bool reset_after = false;
  MergeCode merge = MergeCode::kAdd;
  PoolCode pool = PoolCode::kMaximum;

  int steps = 1;       ///< Sum over time, PReLU: the steps that have weights of their own.
  int size = 1;        ///< Convolution, pooling: taps.
  int stride = 1;      ///< Convolution, pooling.
  int dilation = 1;    ///< Convolution, pooling.
  int pad_before = 0;  ///< Convolution, pooling.
  int groups = 1;      ///< Convolution.
  int skipped = 0;     ///< Skip: inputs not passed on.

  int h_offset = kNone;
  int c_offset = kNone;
  int acc_offset = kNone;
  int history_offset = kNone;
  /// The counter: `positionOffset` or `countOffset`.
  int count_offset = kNone;
  int seen_offset = kNone;

  /// Inputs that convolution and pooling keep: R - 1.
  int history() const { return dilation * (size - 1); }
};

struct ValueSpec {
  int steps;  ///< 1 in a program of steps.
  int size;
};

struct OutputSpec {
  int value;
  int held_offset;
  int holds_offset;
};

/// An operation on whole windows.
struct WindowOpSpec {
  WindowOpCode code;
  int input;
  int output;
  int before;   ///< Pad, crop.
  float value;  ///< Pad.
  bool reverse;
  OpSpec op;  ///< Scan.
};

struct Spec {
  Mode mode;
  bool whole_window;
  int window;
  int stride;
  int lanes;
  int warmup_samples;
  WeightFormat weight_format;
  int features;
  /// Floats of a lane's state; with `whole_window` of the scratch that stands for it.
  int lane_state_size;
  int output_size;
  std::int64_t state_size;
  std::vector<ValueSpec> values;
  std::vector<OutputSpec> outputs;
  std::vector<OpSpec> ops;
  /// With `whole_window`, in place of `ops`.
  std::vector<WindowOpSpec> window_ops;

  /// The phases that a state can be in: see src/engine/program/program.ts.
  int period() const {
    if (whole_window) return stride;
    return mode == Mode::kContinuous ? 1 : mode == Mode::kSequence ? window : lanes * stride;
  }
};

/// Reads an encoded program, believing nothing.
/// Returns what is wrong with it, or an empty string; `spec` points into `weights`.
/// Where the fault is in one operation, `fault_operation` is its index, else kNone.
std::string Parse(std::span<const std::int32_t> words, std::span<const float> weights, Spec* spec,
                  int* fault_operation = nullptr);

}  // namespace lstmd
