#pragma once

#include "format/operations.h"
#include "pack/arena.h"
#include "pack/packed.h"

namespace lstmd {

/// Packs the weights of a recurrent layer; `packed` has the sizes of its values already.
///
/// @return false where a folded weight overflows
bool PackWeights(Arena& arena, WeightFormat format, const LstmOp& op, Packed<LstmOp>* packed);
bool PackWeights(Arena& arena, WeightFormat format, const GruOp& op, Packed<GruOp>* packed);
bool PackWeights(Arena& arena, WeightFormat format, const SimpleRnnOp& op,
                 Packed<SimpleRnnOp>* packed);

}  // namespace lstmd
