// Which cells a recurrent layer has. Included by step-inl.h.

template <typename W>
[[gnu::noinline]] void StepCells(const PackedOp& op, const Lane* lanes, int count) {
  switch (op.code) {
    case OpCode::kLstm:
      return Lstm<W>(op, lanes, count);
    case OpCode::kGru:
      return Gru<W>(op, lanes, count);
    default:
      return SimpleRnn(op, lanes, count);
  }
}

/// Any recurrent layer: what is masked leaves the state as it is, and h is the output.
[[gnu::noinline]] Outcomes Recurrent(const PackedOp& op, const Lane* lanes, LaneSet set) {
  const Chosen chosen(lanes, op.mask == kNone ? set : SkipMasked(op, lanes, set));
  if (chosen.count == 0) return {set, 0};
  switch (op.format) {
    case WeightFormat::kFloat32:
      StepCells<float>(op, chosen.lanes, chosen.count);
      break;
    case WeightFormat::kBfloat16:
      StepCells<Bfloat16>(op, chosen.lanes, chosen.count);
      break;
    case WeightFormat::kInt8:
      StepCells<Int8>(op, chosen.lanes, chosen.count);
      break;
  }
  return {set, 0};
}
