// What recurrent layers share. Included by step-inl.h.

/// Leaky ReLU with a slope from 0 to 1; 1 leaves h as it is.
LSTMD_INLINE Vector Leak(Vector slope, Vector h) { return Max(Multiply(slope, h), h); }

/// What is left to do when y is leaked.
LSTMD_INLINE void Finish(const PackedOp& op, const Lane* lanes, int count) {
  for (int i = 0; i < count; ++i) {
    float* const y = lanes[i].frame + op.y;
    if (op.after.code != ActivationCode::kLinear) Apply(op.after, y, op.units);
    ZeroTail(y, op.units);
  }
}

/// The new h from y, where the cells left it because each part of them reads the whole h before;
/// and what goes on from it in y.
LSTMD_INLINE void PassOn(const PackedOp& op, const Lane* lanes, int count) {
  const Vector slope = Set(op.slope);
  for (int i = 0; i < count; ++i) {
    float* const y = lanes[i].frame + op.y;
    float* const h = lanes[i].state + op.h_offset;
    for (int unit = 0; unit < op.units; unit += kWidth) {
      const Vector next = Load(y + unit);
      StoreUpTo(h + unit, next, op.units - unit);
      Store(y + unit, Leak(slope, next));
    }
  }
  Finish(op, lanes, count);
}

/// The lanes that are not masked; in the others h is the output already.
LSTMD_INLINE LaneSet SkipMasked(const PackedOp& op, const Lane* lanes, LaneSet set) {
  LaneSet rest = set;
  for (int i = 0; rest >> i != 0; ++i) {
    if ((rest >> i & 1) == 0 || lanes[i].frame[op.mask] != 0) continue;
    memcpy(lanes[i].frame + op.y, lanes[i].state + op.h_offset, Bytes(op.units));
    set &= ~(LaneSet{1} << i);
  }
  return set;
}

/// [h; x], which one matrix multiplies.
LSTMD_INLINE void Gather(const PackedOp& op, const Lane* lanes, int count) {
  for (int i = 0; i < count; ++i) {
    float* const gathered = lanes[i].frame + op.gathered;
    memcpy(gathered, lanes[i].state + op.h_offset, Bytes(op.units));
    memcpy(gathered + op.units, lanes[i].frame + op.x, Bytes(op.inputs));
    ZeroTail(gathered, op.units + op.inputs);
  }
}

void SimpleRnn(const PackedOp& op, const Lane* lanes, int count) {
  Gather(op, lanes, count);
  MultiplyMatrix(op.matrix, op.matrix.weights, lanes, count, {op.gathered, op.y});
  for (int i = 0; i < count; ++i) Apply(op.activation, lanes[i].frame + op.y, op.units);
  PassOn(op, lanes, count);
}
