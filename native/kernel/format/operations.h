// The operands of each step operation, in the order of src/model/plan/step-op.ts, which says what
// they compute. Tensors are row-major, as Keras has them.
//
// As parsed, tensors point into the caller's weights and a mask is a value's id. Packed
// (pack/packed.h), tensors point into the program's memory and a mask is an offset into the
// workspace. Offsets of the state count floats from the start of a lane; kNone is an absent one, as
// null is an absent tensor.
//
// Plain data only: the targets' units read them.
#pragma once

#include "format/activation.h"
#include "format/codes.h"

namespace lstmd {

/// The base of operations that give no output at some of the steps at which they run. A program
/// without one need not look whether what an operation reads is fresh.
struct MayBeStale {};

/// The operands that all recurrent layers have.
struct RecurrentOp {
  int mask;
  const float* kernel;            ///< (inputs, gates * units)
  const float* recurrent_kernel;  ///< (units, gates * units)
  const float* bias;              ///< (gates * units), or null.
  Activation activation;
  int h_offset;
  float clip;  ///< Infinity for no bound.
};

/// Gates i, f, g, o.
struct LstmOp : RecurrentOp {
  Activation recurrent_activation;
  int c_offset;
  const float* peepholes;  ///< (3, units) of i, f, o, or null.
  Activation state_activation;
  bool is_coupled;
};

/// Gates z, r, h.
struct GruOp : RecurrentOp {
  const float* recurrent_bias;  ///< (3 * units), or null.
  bool reset_after;
  Activation recurrent_activation;
};

struct SimpleRnnOp : RecurrentOp {};

struct DenseOp {
  const float* kernel;  ///< (inputs, units)
  const float* bias;    ///< (units), or null.
  Activation activation;
};

struct TimeDenseOp {
  int steps;
  const float* kernel;  ///< (steps, inputs, units)
  const float* bias;    ///< (units), or null.
  Activation activation;
  int acc_offset;
  int position_offset;
};

struct ActivationOp {
  Activation activation;
};

struct AffineOp {
  const float* scale;
  const float* shift;
};

struct PreluOp {
  int steps;
  const float* alpha;  ///< (steps, units)
  int position_offset;
};

struct LayerNormOp {
  const float* gamma;  ///< (units), or null.
  const float* beta;   ///< (units), or null.
  float epsilon;
};

struct MaskOp {
  float value;
  int mask;
};

struct MergeOp {
  MergeCode operation;
};

struct ConcatenateOp {};

/// The operands that convolution and pooling share.
struct SpanOp : MayBeStale {
  int size;
  int stride;
  int dilation;
  int pad_before;
  int history_offset;
  int count_offset;
};

struct ConvOp : SpanOp {
  int groups;
  const float* kernel;  ///< (size, inputs / groups, units)
  const float* bias;    ///< (units), or null.
  Activation activation;
};

struct PoolOp : SpanOp {
  PoolCode operation;
  int seen_offset;
};

struct GlobalPoolOp : MayBeStale {
  PoolCode operation;
  int acc_offset;
  int count_offset;
  int mask;
};

struct SkipOp : MayBeStale {
  int count;
  int count_offset;
};

struct BeginOp {
  int count;
  const float* states;  ///< (count)
  int states_offset;
  int begun_offset;
};

struct RecallOp {
  int state_offset;
};

struct KeepOp {
  int state_offset;
};

struct GatherOp {
  /// One for each unit, kNone for 0; null until it is packed from `OpSpec::indices`.
  const int* indices;
};

struct ReduceOp {
  ReduceCode operation;
};

/// The left factors are the input.
struct MatMulOp {
  int right;  ///< A value's id; packed, an offset into the workspace.
  int count;
  int rows;
  int inner;
  int columns;
};

}  // namespace lstmd
