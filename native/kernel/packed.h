// A program packed for one vector width: what a target's step reads. Plain data only: the targets'
// translation units are compiled with instructions that this machine may not have, so nothing in
// here may be a function that the linker could take from one of them for the whole binary.
#pragma once

#include <cstdint>

#include "activation.h"

namespace lstmd {

enum class PackedOpCode : std::int32_t {
  kLstmFolded,   ///< tanh and sigmoid, as base-2 exponents.
  kLstmGeneric,  ///< Any other activations.
  kDense,
  kTimeDense,
  kActivation,
};

/// How a dense kernel lies in memory.
enum class DenseLayout : std::int32_t {
  kRows,    ///< A row for each unit, padded to whole vectors: for few units.
  kPanels,  ///< Panels of 8, 4, 2 or 1 vectors of units, k-major.
};

struct PackedOp {
  PackedOpCode code;
  DenseLayout layout;
  int inputs;
  int units;
  /// Buffers of whole vectors, zeros after the last value.
  const float* x;
  float* y;
  /// One aligned stream; see pack.cpp.
  const float* weights;
  /// Dense: a float a unit, padded to whole vectors; zeros without bias or in a sum over time.
  const float* bias;
  /// Time dense: added at the end, as `bias` is at the beginning.
  const float* late_bias;
  /// Time dense: floats of one step's weights.
  std::int64_t step_size;
  Activation activation;
  Activation recurrent_activation;
  int h_offset;
  int c_offset;
  int acc_offset;
  /// Generic LSTM: the four gates, each padded to whole vectors.
  float* gates;
};

struct Packed {
  const PackedOp* ops;
  int op_count;
  int lane_state_size;
};

}  // namespace lstmd
