// A program packed for one vector width: what a target's step reads. Plain data only: the targets'
// translation units are compiled with instructions that this machine may not have, so nothing in
// here may be a function that the linker could take from one of them for the whole binary.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/activation.h"

namespace lstmd {

/// Cache line, and the widest vector there is.
inline constexpr std::size_t kAlignment = 64;

/// Lanes that are stepped together at most; every target's tiles divide it.
inline constexpr int kGroup = 24;

/// Lanes of a group, a bit for each.
using LaneSet = std::uint32_t;

/// What belongs to one lane of a group. A frame holds the values and what operations need within
/// one step; everything in it is of whole vectors with zeros after the last value.
struct Lane {
  float* state;
  float* frame;
};

/// The lanes of a set in which an operation's output is fresh, and those that it found broken:
/// their state has a counter that no step leaves.
struct Outcomes {
  LaneSet fresh;
  LaneSet broken;
};

struct PackedOp;
/// Steps an operation in the lanes of a set, where all that it reads is fresh.
using OpStep = Outcomes (*)(const PackedOp& op, const Lane* lanes, LaneSet set);
struct Ahead;

/// How a matrix lies in memory.
enum class MatrixLayout : std::int32_t {
  kRows,    ///< A row for each unit, padded to whole vectors: for few units.
  kPanels,  ///< Panels of 8, 4, 2 or 1 vectors of units, k-major.
};

/// x W + b. The bias is a float a unit, padded to whole vectors; so is the scale by which the sums
/// over weights that are not float32 are multiplied, and which those of float32 do not have.
struct Matrix {
  MatrixLayout layout;
  WeightFormat format;
  int inputs;
  int units;
  const float* bias;
  const float* scale;
  const float* weights;
};

/// An input of a merge or a concatenation.
struct Part {
  int x;
  int size;
};

/// `x`, `y`, `mask`, `gates` and `gathered` are offsets into a lane's frame, those called so into
/// its state. What an operation does not have is zero, or kNone for an offset.
struct PackedOp {
  /// Of the target that the program is packed for.
  OpStep step;
  OpCode code;
  /// The values that must be fresh, and those written; kNone where there is no mask to write.
  const int* sources;
  int source_count;
  int output;
  int mask_output;
  /// Whether only the outputs depend on it, and no state.
  bool is_head;
  /// Null but for the LSTM whose sums may be there already.
  Ahead* ahead;

  int inputs;
  int units;
  int x;
  int y;
  int mask;
  const Part* parts;
  Activation activation;
  Activation recurrent_activation;
  /// Recurrent, of what goes on from it, h is as it was before: a leaky ReLU with a slope from 0 to
  /// 1, of which 1 is none, and then another activation.
  float slope;
  Activation after;

  /// Of `weights`, where they are an LSTM's or a GRU's.
  WeightFormat format;
  /// Recurrent with tanh and sigmoid: the gates come out negated, the candidate's doubled as well.
  bool is_folded;
  bool reset_after;
  /// LSTM, GRU with reset_after: one aligned stream; see pack-recurrent.cpp. PReLU: alphas.
  /// Convolution in groups: a row of filters for each tap and each input of a group.
  const float* weights;
  /// SimpleRnn and GRU before reset: of [h; x]; convolution: of the taps one after the other.
  Matrix matrix;
  /// GRU before reset: of [r h; x].
  Matrix candidate;
  /// Sum over time: added at the end; `matrix` then has none.
  const float* late_bias;
  const float* scale;
  const float* shift;
  /// Sum over time, PReLU: floats of one step's weights.
  std::int64_t step_size;
  int steps;
  float parameter;
  MergeCode merge;
  PoolCode pool;

  int size;
  int stride;
  int dilation;
  int history;
  /// The number of the first input that gives an output.
  int first;
  int inputs_per_group;
  /// Convolution in groups: for each filter the first input of its group.
  const int* group_inputs;
  int skipped;

  int h_offset;
  int c_offset;
  int acc_offset;
  int history_offset;
  int count_offset;
  int seen_offset;

  /// Shared by all operations.
  int gates;
  /// [h; x] or the taps; shared as well.
  int gathered;
};

/// What is computed for the next sample of a block before it is there, while the last cells of this
/// one wait for one another: the part of the first LSTM's sums that comes from h.
struct Ahead {
  /// Null where the program has no such LSTM, or several lanes.
  const PackedOp* op;
  float* sums;
  bool is_wanted;
  /// Whether the sums are those of the lane's state as it is.
  bool is_ready;
};

/// An output whose last fresh row the lane keeps.
struct Hold {
  int value;
  int size;
  int row;
  int held_offset;
  int holds_offset;
};

/// Memory and numbers of what a target's step reads; only `fresh` and `ahead` are written.
struct Packed {
  /// Those whose output only the outputs depend on come last.
  const PackedOp* ops;
  int op_count;
  int head_count;
  Ahead* ahead;
  const Hold* holds;
  int hold_count;
  /// Floats of the lane that must stay finite and within kStateLimit; 0 in a scan's scratch.
  int bounded_size;
  /// Whether each value is fresh whenever its operation is stepped.
  bool is_plain;
  /// For each value the lanes in which it is fresh; see src/model/plan/step-op.ts.
  LaneSet* fresh;
};

}  // namespace lstmd
