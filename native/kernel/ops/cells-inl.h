// Which cells a recurrent layer has. Included by step-inl.h.

/// Any recurrent layer: what is masked leaves the state as it is, and h is the output.
template <void (*kCells)(const PackedOp&, const Lane*, int)>
[[gnu::noinline]] Outcomes Recurrent(const PackedOp& op, const Lane* lanes, LaneSet set) {
  const Chosen chosen(lanes, op.mask == kNone ? set : SkipMasked(op, lanes, set));
  if (chosen.count != 0) kCells(op, chosen.lanes, chosen.count);
  return {set, 0};
}

template <typename W>
OpStep CellsOfWeights(const PackedOp& op) {
  switch (op.code) {
    case OpCode::kLstm:
      return op.is_folded ? Recurrent<LstmFolded<W>> : Recurrent<LstmGeneral<W>>;
    case OpCode::kGru:
      if (!op.reset_after) return Recurrent<GruBefore>;
      return op.is_folded ? Recurrent<GruAfterFolded<W>> : Recurrent<GruAfterGeneral<W>>;
    default:
      return Recurrent<SimpleRnn>;
  }
}

OpStep CellsOf(const PackedOp& op) {
  switch (op.format) {
    case WeightFormat::kFloat32:
      break;
    case WeightFormat::kBfloat16:
      return CellsOfWeights<Bfloat16>(op);
    case WeightFormat::kInt8:
      return CellsOfWeights<Int8>(op);
  }
  return CellsOfWeights<float>(op);
}

void StepAhead(const Ahead& ahead, const Lane& lane) {
  switch (ahead.op->format) {
    case WeightFormat::kFloat32:
      return SumAhead<float>(*ahead.op, lane);
    case WeightFormat::kBfloat16:
      return SumAhead<Bfloat16>(*ahead.op, lane);
    case WeightFormat::kInt8:
      return SumAhead<Int8>(*ahead.op, lane);
  }
}
