// A program packed for one vector width: what a target's unit reads. Plain data only: those units
// are compiled with instructions that this machine may not have, so nothing in here may be a
// function that the linker could take from one of them for the whole binary.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/codes.h"
#include "format/operations.h"

namespace lstmd {

/// Bytes of a cache line, and of the widest vector.
inline constexpr std::size_t kAlignment = 64;

/// Lanes that are stepped together at most. It is a multiple of every target's kTileLanes.
inline constexpr int kMaxGroup = 24;

/// A set of a group's lanes, one bit for each.
using LaneSet = std::uint32_t;

/// The memory of one lane of a group. The workspace holds the values and what operations need
/// within one step, each as whole vectors with zeros after its last float.
struct Lane {
  float* state;
  float* workspace;
};

/// The lanes in which an operation's output is fresh, and those whose state has a counter that no
/// step leaves.
struct Outcomes {
  LaneSet fresh;
  LaneSet broken;
};

struct PackedOp;
/// Steps an operation in the lanes of a set; all that it reads is fresh in them.
using OpStep = Outcomes (*)(const PackedOp& op, const Lane* lanes, LaneSet set);

/// The common part of every packed operation; `Packed` adds what one kind has of its own.
struct PackedOp {
  /// The function of the target that the program is packed for.
  OpStep step;
  OpCode code;
  /// The values that must be fresh, and those written; kNone where there is no mask to write.
  const int* sources;
  int source_count;
  int output;
  int mask_output;
  bool has_state;
  /// True when neither a state nor a held output depends on it: it runs only where an output is
  /// due.
  bool is_head;
  /// Floats of the input and of the output, and their offsets in the workspace.
  int inputs;
  int units;
  int x;
  int y;
};

/// An operation of one kind. Most kinds need no more than their operands.
template <typename Op>
struct Packed : PackedOp, Op {};

/// The order of a matrix's weights in memory.
enum class MatrixLayout : std::int32_t {
  kRows,    ///< A row for each unit, padded to whole vectors: for few units.
  kPanels,  ///< Panels of 8, 4, 2 or 1 vectors of units, k-major.
};

/// x W + b. The bias has a float for each unit, padded to whole vectors. So has the scale, by which
/// sums over weights that are not float32 are multiplied; sums over float32 have no scale.
struct Matrix {
  MatrixLayout layout;
  WeightFormat format;
  int inputs;
  int units;
  const float* bias;
  const float* scale;
  const float* weights;
};

/// The common part of the recurrent layers.
struct PackedRecurrent : PackedOp {
  /// An offset in the workspace, or kNone.
  int mask;
  int h_offset;
  float clip;
  Activation activation;
  /// The activation that follows the layer, computed with it; the h in the state is before it.
  /// First a leaky ReLU with this slope from 0 to 1, where 1 changes nothing; then
  /// `fused_activation`.
  float fused_slope;
  Activation fused_activation;
};

struct PrecomputedSums;

template <>
struct Packed<LstmOp> : PackedRecurrent {
  Activation recurrent_activation;
  int c_offset;
  /// Three runs of whole vectors, or null.
  const float* peepholes;
  Activation state_activation;
  bool is_coupled;
  WeightFormat format;
  /// With tanh and sigmoid the gates come out negated, and the candidate doubled as well.
  bool is_folded;
  /// One aligned stream of biases, scales and weights: see pack-recurrent.cpp.
  const float* weights;
  /// Workspace: four gates, each of whole vectors.
  int gates;
  /// Null but for the LSTM whose recurrent sums may be there already.
  PrecomputedSums* precomputed;
};

template <>
struct Packed<GruOp> : PackedRecurrent {
  Activation recurrent_activation;
  WeightFormat format;
  bool is_folded;
  bool reset_after;
  /// With `reset_after`, a stream as the LSTM's.
  const float* weights;
  /// Without it, the product of [h; x] for z and r, and that of [r h; x] for the candidate.
  Matrix gate_matrix;
  Matrix candidate_matrix;
  /// Workspace: up to four gates, each of whole vectors.
  int gates;
  /// Workspace: [h; x].
  int gathered;
};

template <>
struct Packed<SimpleRnnOp> : PackedRecurrent {
  /// The product of [h; x].
  Matrix matrix;
  /// Workspace: [h; x].
  int gathered;
};

template <>
struct Packed<DenseOp> : PackedOp {
  Matrix matrix;
  Activation activation;
};

template <>
struct Packed<TimeDenseOp> : PackedOp {
  int steps;
  /// The matrix of the first step, without a bias, and the floats from one step's weights to the
  /// next's.
  Matrix matrix;
  std::int64_t step_size;
  /// Added to the accumulated sum.
  const float* bias;
  Activation activation;
  int acc_offset;
  int position_offset;
};

/// An input of a merge or a concatenation: its offset in the workspace and its floats. There are as
/// many as sources.
struct Part {
  int x;
  int size;
};

template <>
struct Packed<MergeOp> : PackedOp {
  MergeCode operation;
  const Part* parts;
};

template <>
struct Packed<ConcatenateOp> : PackedOp {
  const Part* parts;
};

/// The common part of convolution and pooling.
struct PackedSpan : PackedOp {
  int size;
  int stride;
  int dilation;
  /// Inputs that the state keeps.
  int history;
  /// The number of the first input that gives an output.
  int first;
  int history_offset;
  int count_offset;
};

template <>
struct Packed<ConvOp> : PackedSpan {
  Activation activation;
  /// Workspace: the inputs under the taps, one after the other.
  int gathered;
  /// The product of the taps; with groups only its bias counts.
  Matrix matrix;
  /// With groups, the first input of each filter's group, else null.
  const int* group_inputs;
  int inputs_per_group;
  /// With groups, a row of filters for each tap and each input of a group.
  const float* group_weights;
  /// Workspace, with groups: one input for each filter.
  int filter_inputs;
};

template <>
struct Packed<PoolOp> : PackedSpan {
  PoolCode operation;
  int seen_offset;
};

/// The part of an LSTM's sums that comes from h, computed for the next sample of a block before
/// that sample is read, while the last cells of this one wait for one another. A run has no use for
/// them.
struct PrecomputedSums {
  /// The first LSTM; null where the program has none, or several lanes.
  const Packed<LstmOp>* op;
  float* sums;
  bool is_wanted;
  /// True when the sums belong to the lane's state as it is.
  bool is_ready;
};

/// An output whose last fresh row the lane keeps.
struct HeldOutput {
  int value;
  int size;
  /// Offset of the value in the workspace.
  int row;
  int held_offset;
  int holds_offset;
};

/// The operations that a target's unit steps. It writes only `fresh` and `precomputed`.
struct PackedSteps {
  /// The heads come last.
  const PackedOp* const* ops;
  int op_count;
  int head_count;
  PrecomputedSums* precomputed;
  const HeldOutput* held_outputs;
  int held_output_count;
  /// Floats of the lane that must stay finite and within kStateLimit; 0 in a scan's scratch.
  int bounded_size;
  /// True when every value is fresh whenever its operation is stepped.
  bool is_always_fresh;
  /// True when every value is always fresh and no output is held.
  bool is_plain;
  /// For each value the lanes in which it is fresh; see src/model/plan/step-op.ts.
  LaneSet* fresh;
};

/// The functions of a target's unit. Constants only, so that none of its code runs before the
/// target is chosen.
struct StepFunctions {
  /// The function that steps an operation.
  OpStep (*of)(const PackedOp& op);
  /// Steps a group of lanes together, each to the same bits as alone. It reads value 0 of each
  /// workspace, and leaves there the values and in `fresh` where they are fresh.
  ///
  /// @param lanes `count` of them, kMaxGroup at most; the states are read and written in place
  /// @param due the lanes whose outputs are wanted
  /// @return the lanes whose state is valid: finite, within kStateLimit, and every counter one that
  ///   a step leaves
  LaneSet (*step)(const PackedSteps& steps, const Lane* lanes, int count, LaneSet due);
  /// Steps consecutive samples of one plain lane, an operation after the other, each to the same
  /// bits as alone, where each operation has a state of its own. Null where it may be slower.
  ///
  /// @param lanes `count` of them, with the same state and the samples in their order
  /// @return false where a state was not valid, which is then of no use
  bool (*run)(const PackedSteps& steps, const Lane* lanes, int count);
};

}  // namespace lstmd
