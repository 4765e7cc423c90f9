// The LSTM. Included by step-inl.h.

constexpr int kLstmGates = 4;

/// The cell of tanh and sigmoid with two divisions in place of five. `z` holds the gates i, f, g, o
/// as exponents: with e = 2^z,
///   c' = [c (1 + e_i)(1 + e_g) + (1 - e_g)(1 + e_f)] / [(1 + e_f)(1 + e_i)(1 + e_g)]
///   h = (1 - e_c) / [(1 + e_o)(1 + e_c)]
LSTMD_INLINE void FoldedCell(const Vector* z, float* c, float* h, int count) {
  const Vector one = Set(1.0f);
  const Vector e_g = Exp2(z[2]);
  const Vector i_g = Multiply(Add(one, Exp2(z[0])), Add(one, e_g));
  const Vector f = Add(one, Exp2(z[1]));
  const Vector o = Add(one, Exp2(z[3]));
  const Vector kept = Multiply(LoadUpTo(c, count), i_g);
  const Vector next_c = Divide(MultiplyAdd(Subtract(one, e_g), f, kept), Multiply(f, i_g));
  StoreUpTo(c, next_c, count);
  const Vector e_c = Exp2(Multiply(Set(-2.0f * kLog2E), next_c));
  Store(h, Divide(Subtract(one, e_c), Multiply(o, Add(one, e_c))));
}

/// The gates of all units, two blocks of units at a time; `cell(z, unit)` takes each block's four.
template <typename Cell>
LSTMD_INLINE void ForEachLstmBlock(const PackedOp& op, const float* h, Cell cell) {
  const float* w = op.weights;
  int unit = 0;
  for (; op.units - unit > kWidth; unit += 2 * kWidth) {
    Vector acc[2 * kLstmGates];
    LoadVectors<2 * kLstmGates>(acc, w);
    w = AddProduct<2 * kLstmGates, 1>(acc, w + 2 * kLstmGates * kWidth, h, op.units);
    w = AddProduct<2 * kLstmGates, 1>(acc, w, op.x, op.inputs);
    cell(acc, unit);
    cell(acc + kLstmGates, unit + kWidth);
  }
  if (unit < op.units) {
    Vector acc[2 * kLstmGates];
    LoadVectors<kLstmGates>(acc, w);
    ZeroVectors<kLstmGates>(acc + kLstmGates);
    w = AddProduct<kLstmGates, 2>(acc, w + kLstmGates * kWidth, h, op.units);
    AddProduct<kLstmGates, 2>(acc, w, op.x, op.inputs);
    JoinChains<kLstmGates, 2>(acc);
    cell(acc, unit);
  }
}

void LstmFolded(const PackedOp& op, float* lane) {
  float* const h = lane + op.h_offset;
  float* const c = lane + op.c_offset;
  ForEachLstmBlock(op, h, [&op, c](const Vector* z, int unit) {
    FoldedCell(z, c + unit, op.y + unit, op.units - unit);
  });
  EndCell(op, h);
}

void LstmGeneric(const PackedOp& op, float* lane) {
  float* const h = lane + op.h_offset;
  float* const c = lane + op.c_offset;
  const int size = RoundUp(op.units);
  float* const i = op.gates;
  float* const f = i + size;
  float* const g = f + size;
  float* const o = g + size;
  ForEachLstmBlock(op, h, [i, f, g, o](const Vector* z, int unit) {
    Store(i + unit, z[0]);
    Store(f + unit, z[1]);
    Store(g + unit, z[2]);
    Store(o + unit, z[3]);
  });
  Apply(op.recurrent_activation, i, op.units);
  Apply(op.recurrent_activation, f, op.units);
  Apply(op.activation, g, op.units);
  Apply(op.recurrent_activation, o, op.units);
  for (int unit = 0; unit < op.units; unit += kWidth) {
    const int count = op.units - unit;
    const Vector kept = Multiply(Load(f + unit), LoadUpTo(c + unit, count));
    const Vector next = MultiplyAdd(Load(i + unit), Load(g + unit), kept);
    StoreUpTo(c + unit, next, count);
    Store(op.y + unit, next);
  }
  Apply(op.activation, op.y, op.units);
  for (int unit = 0; unit < op.units; unit += kWidth)
    Store(op.y + unit, Multiply(Load(o + unit), Load(op.y + unit)));
  EndCell(op, h);
}

void Lstm(const PackedOp& op, float* lane) {
  if (op.is_folded) {
    LstmFolded(op, lane);
  } else {
    LstmGeneric(op, lane);
  }
}
