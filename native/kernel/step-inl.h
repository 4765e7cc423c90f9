// One step of one lane, for the vectors of the translation unit that includes this: it defines
// LSTMD_VECTOR_HEADER (the vector) and LSTMD_STEP_LANE (the function's name). Everything but that
// function is local to the unit, so that no other part of the binary can end up with its
// instructions; for the same reason there is nothing of the standard library in here.
#include <string.h>

#include "format.h"
#include "packed.h"
#include "target.h"

#define LSTMD_INLINE [[gnu::always_inline]] static inline

namespace lstmd {
namespace {

// In the order of need:
// clang-format off
#include "math-inl.h"
#include "product-inl.h"
#include "activation-inl.h"
#include "recurrent-inl.h"
#include "lstm-inl.h"
#include "gru-inl.h"
#include "pointwise-inl.h"
#include "outcome-inl.h"
#include "time-inl.h"
#include "span-inl.h"
// clang-format on

LSTMD_INLINE bool AreFresh(const PackedOp& op, const bool* fresh) {
  for (int i = 0; i < op.source_count; ++i)
    if (!fresh[op.sources[i]]) return false;
  return true;
}

Outcome StepOp(const PackedOp& op, float* lane) {
  switch (op.code) {
    case OpCode::kLstm:
    case OpCode::kGru:
    case OpCode::kSimpleRnn:
      Recurrent(op, lane);
      return Outcome::kFresh;
    case OpCode::kDense:
      MultiplyMatrix(op.matrix, op.matrix.weights, op.x, op.y);
      Apply(op.activation, op.y, op.units);
      return Outcome::kFresh;
    case OpCode::kActivation:
      memcpy(op.y, op.x, static_cast<unsigned>(RoundUp(op.units)) * sizeof(float));
      Apply(op.activation, op.y, op.units);
      return Outcome::kFresh;
    case OpCode::kTimeDense:
      return TimeDense(op, lane);
    case OpCode::kAffine:
      Affine(op);
      return Outcome::kFresh;
    case OpCode::kPrelu:
      return Prelu(op, lane);
    case OpCode::kLayerNorm:
      LayerNorm(op);
      return Outcome::kFresh;
    case OpCode::kMask:
      Mask(op);
      return Outcome::kFresh;
    case OpCode::kMerge:
      Merge(op);
      return Outcome::kFresh;
    case OpCode::kConcatenate:
      Concatenate(op);
      return Outcome::kFresh;
    case OpCode::kConv:
      return Span(op, lane, Convolve);
    case OpCode::kPool:
      return Pool(op, lane);
    case OpCode::kGlobalPool:
      return GlobalPool(op, lane);
    case OpCode::kSkip:
      return Skip(op, lane);
  }
  return Outcome::kBroken;
}

bool IsBounded(const float* values, int size) {
  const Vector limit = Set(kStateLimit);
  for (int i = 0; i < size; i += kWidth)
    if (!AllAtMost(Abs(LoadUpTo(values + i, size - i)), limit)) return false;
  return true;
}

}  // namespace

bool LSTMD_STEP_LANE(const Packed& packed, float* lane) {
  bool* const fresh = packed.fresh;
  for (int i = 0; i < packed.op_count; ++i) {
    const PackedOp& op = packed.ops[i];
    const Outcome outcome = AreFresh(op, fresh) ? StepOp(op, lane) : Outcome::kStale;
    if (outcome == Outcome::kBroken) return false;
    fresh[op.output] = outcome == Outcome::kFresh;
    if (op.mask_output != kNone) fresh[op.mask_output] = outcome == Outcome::kFresh;
  }
  for (int i = 0; i < packed.hold_count; ++i) {
    const Hold& hold = packed.holds[i];
    if (!fresh[hold.value]) continue;
    memcpy(lane + hold.held_offset, hold.row, static_cast<unsigned>(hold.size) * sizeof(float));
    lane[hold.holds_offset] = 1;
  }
  return IsBounded(lane, packed.bounded_size);
}

}  // namespace lstmd
