#pragma once

#include "format/operations.h"
#include "pack/arena.h"
#include "pack/packed.h"
#include "pack/spent.h"

namespace lstmd {

/// Packs the weights of a recurrent layer; `packed` has the sizes of its values already.
///
/// @param spent is told of the kernels' rows as they are packed
/// @return false where a folded weight overflows
bool PackWeights(Arena& arena, WeightFormat format, const LstmOp& op, const Spent& spent,
                 Packed<LstmOp>* packed);
bool PackWeights(Arena& arena, WeightFormat format, const GruOp& op, const Spent& spent,
                 Packed<GruOp>* packed);
bool PackWeights(Arena& arena, WeightFormat format, const SimpleRnnOp& op, const Spent& spent,
                 Packed<SimpleRnnOp>* packed);

}  // namespace lstmd
