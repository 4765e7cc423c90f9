// What recurrent layers share. Included by step-inl.h.

/// h = y, and then y = after(y).
template <typename After>
LSTMD_INLINE void PassOn(float* y, float* h, int units, After after) {
  for (int unit = 0; unit < units; unit += kWidth) {
    const Vector a = Load(y + unit);
    StoreUpTo(h + unit, a, units - unit);
    Store(y + unit, after(a));
  }
}

/// The cells leave the new h in y, because each part of them reads the whole of the h before.
LSTMD_INLINE void EndCells(const PackedOp& op, const Lane* lanes, int count) {
  for (int i = 0; i < count; ++i) {
    float* const y = lanes[i].frame + op.y;
    float* const h = lanes[i].state + op.h_offset;
    if (op.after.code == ActivationCode::kRelu) {
      PassOn(y, h, op.units, Relu(op.after));
    } else {
      PassOn(y, h, op.units, [](Vector a) { return a; });
      Apply(op.after, y, op.units);
    }
    ZeroTail(y, op.units);
  }
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
}
