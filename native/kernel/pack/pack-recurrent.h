#pragma once

#include "format/spec.h"
#include "pack/arena.h"
#include "pack/packed.h"

namespace lstmd {

/// Whether the activations are tanh and sigmoid, which have a form of their own.
bool IsFolded(const OpSpec& op);

/// Weights of an LSTM, a GRU or a SimpleRNN into `packed`.
/// Returns false where a folded weight overflows.
bool PackRecurrent(Arena& arena, WeightFormat format, const OpSpec& op, PackedOp* packed);

}  // namespace lstmd
