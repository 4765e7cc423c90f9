// A program as parsed: checked, and still in the caller's layout of weights.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "format/codes.h"
#include "format/operations.h"
#include "format/weights.h"

namespace lstmd {

/// The operands of one step operation; std::monostate while it is being read.
#define LSTMD_ALTERNATIVE(Name) , Name##Op
using OpOperands = std::variant<std::monostate LSTMD_STEP_OPERATIONS(LSTMD_ALTERNATIVE)>;
#undef LSTMD_ALTERNATIVE

/// A step operation.
struct OpSpec {
  OpCode code;
  int input;   ///< The value that is read.
  int output;  ///< The value that is written.
  int inputs;  ///< Floats of the value that is read.
  int units;   ///< Floats of the value that is written.
  /// All values that are read; the mask of a recurrent operation or of a global pooling is last.
  std::vector<int> sources;
  /// The mask that a mask operation writes; kNone for any other.
  int mask_output;
  /// True when it keeps anything in the lane's state.
  bool has_state;
  /// The indices of a gather, one for each unit.
  std::vector<int> indices;
  OpOperands operands;
};

/// Inputs that convolution and pooling keep: R - 1 in src/model/plan/step-op.ts.
inline int HistoryOf(const SpanOp& op) { return op.dilation * (op.size - 1); }

struct ValueSpec {
  int steps;  ///< 1 in a program of steps.
  int size;
};

struct OutputSpec {
  int value;
  int held_offset;
  int holds_offset;
};

/// A value of one step that is copied into the scratch of a scan, or out of it.
struct ScanState {
  int value;
  int offset;
};

/// An operation on whole windows.
struct WindowOpSpec {
  WindowOpCode code;
  int input;
  int output;
  int before;    ///< Steps that a pad adds, or a crop drops, before the others.
  float value;   ///< The float that a pad adds.
  bool reverse;  ///< Whether a scan runs from the last step to the first.
  /// A scan's state begins with the first; the second is taken from it after the last step.
  std::vector<ScanState> initial_states;
  std::vector<ScanState> final_states;
  OpSpec op;  ///< The operation that a scan runs.
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

/// Reads an encoded program, which may hold anything.
///
/// @param spec points into `weights` afterwards
/// @param fault_operation where the fault is in one operation, its index, else kNone
/// @return what is wrong with the program, or an empty string
std::string Parse(std::span<const std::int32_t> words, const Weights& weights, Spec* spec,
                  int* fault_operation = nullptr);

}  // namespace lstmd
