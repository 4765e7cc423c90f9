// What recurrent layers share. Included by step-inl.h.

/// The cells leave the new h in y, because each part of them reads the whole of the h before.
LSTMD_INLINE void EndCell(const PackedOp& op, float* h) {
  ZeroTail(op.y, op.units);
  memcpy(h, op.y, static_cast<unsigned>(op.units) * sizeof(float));
}

/// [h; x], which one matrix multiplies.
LSTMD_INLINE void Gather(const PackedOp& op, const float* h) {
  memcpy(op.gathered, h, static_cast<unsigned>(op.units) * sizeof(float));
  memcpy(op.gathered + op.units, op.x, static_cast<unsigned>(op.inputs) * sizeof(float));
}

void SimpleRnn(const PackedOp& op, float* lane) {
  float* const h = lane + op.h_offset;
  Gather(op, h);
  MultiplyMatrix(op.matrix, op.matrix.weights, op.gathered, op.y);
  Apply(op.activation, op.y, op.units);
  EndCell(op, h);
}
