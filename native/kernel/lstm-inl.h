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

/// Where in an LSTM's stream the panel of so many floats a row is.
template <typename W>
struct LstmPanel {
  int row;
  const float* bias;
  const float* scale;
  const W* weights;

  static LstmPanel Of(const float* stream, int row) {
    constexpr int kHeaderRows = kIsScaled<W> ? 2 : 1;
    return {row, stream, stream + row, reinterpret_cast<const W*>(stream + kHeaderRows * row)};
  }
  const float* End(int rows) const {
    return reinterpret_cast<const float*>(weights) + PanelFloats<W>(rows * row);
  }
};

/// N of a panel's vectors of gates, S chains of each, for a tile of L lanes.
template <int N, int S, int L, typename W>
LSTMD_INLINE void SumGates(const PackedOp& op, const LstmPanel<W>& panel, int first,
                           const Lane* lanes, Vector* acc) {
  const int row = panel.row;
  const float* const bias = panel.bias + first;
  const float* h[L];
  const float* x[L];
  StateRows<L>(lanes, op.h_offset, h);
  FrameRows<L>(lanes, op.x, x);
  BeginChains<W, N, S, L>(acc, bias);
  const W* const w = AddProduct<N, S, L>(acc, panel.weights + first, row, h, op.units);
  AddProduct<N, S, L>(acc, w, row, x, op.inputs);
  EndChains<W, N, S, L>(acc, panel.scale + first, bias);
}

/// The gates of all units of all lanes, two blocks of units at a time; `cell(lane, z, unit)` takes
/// each block's four. What a lane's h was is still there for all of them.
template <typename W, typename Cell>
LSTMD_INLINE void ForEachLstmBlock(const PackedOp& op, const Lane* lanes, int count, Cell cell) {
  constexpr int kBlock = kLstmGates * kWidth;
  const float* stream = op.weights;
  int unit = 0;
  for (; op.units - unit > kWidth; unit += 2 * kWidth) {
    const LstmPanel<W> panel = LstmPanel<W>::Of(stream, 2 * kBlock);
    stream = panel.End(op.units + op.inputs);
    ForEachTile<kTile>(lanes, count, [&](auto tile, const Lane* own) {
      constexpr int L = decltype(tile)::kLanes;
      Vector acc[L * kSums];
      if constexpr (decltype(tile)::kIsWhole) {
        SumGates<2 * kLstmGates, 1, L>(op, panel, 0, own, acc);
      } else {
        SumGates<kLstmGates, 1, L>(op, panel, 0, own, acc);
        SumGates<kLstmGates, 1, L>(op, panel, kBlock, own, acc + kLstmGates);
      }
      Repeat<L>([&](auto i) {
        cell(own[i.value], acc + i.value * kSums, unit);
        cell(own[i.value], acc + i.value * kSums + kLstmGates, unit + kWidth);
      });
    });
  }
  if (unit < op.units) {
    const LstmPanel<W> panel = LstmPanel<W>::Of(stream, kBlock);
    ForEachTile<kTileSums == kSums ? kTile : 1>(lanes, count, [&](auto tile, const Lane* own) {
      constexpr int L = decltype(tile)::kLanes;
      Vector acc[L * kSums];
      SumGates<kLstmGates, 2, L>(op, panel, 0, own, acc);
      Repeat<L>([&](auto i) { cell(own[i.value], acc + i.value * kSums, unit); });
    });
  }
}

template <typename W>
void LstmFolded(const PackedOp& op, const Lane* lanes, int count) {
  ForEachLstmBlock<W>(op, lanes, count, [&op](const Lane& lane, const Vector* z, int unit) {
    FoldedCell(z, lane.state + op.c_offset + unit, lane.frame + op.y + unit, op.units - unit);
  });
}

/// What becomes of the gates' sums in one lane.
LSTMD_INLINE void GeneralCell(const PackedOp& op, const Lane& lane) {
  const int size = RoundUp(op.units);
  float* const i = lane.frame + op.gates;
  float* const f = i + size;
  float* const g = f + size;
  float* const o = g + size;
  float* const c = lane.state + op.c_offset;
  float* const y = lane.frame + op.y;
  Apply(op.recurrent_activation, i, op.units);
  Apply(op.recurrent_activation, f, op.units);
  Apply(op.activation, g, op.units);
  Apply(op.recurrent_activation, o, op.units);
  for (int unit = 0; unit < op.units; unit += kWidth) {
    const int count = op.units - unit;
    const Vector kept = Multiply(Load(f + unit), LoadUpTo(c + unit, count));
    const Vector next = MultiplyAdd(Load(i + unit), Load(g + unit), kept);
    StoreUpTo(c + unit, next, count);
    Store(y + unit, next);
  }
  Apply(op.activation, y, op.units);
  for (int unit = 0; unit < op.units; unit += kWidth)
    Store(y + unit, Multiply(Load(o + unit), Load(y + unit)));
}

template <typename W>
void LstmGeneral(const PackedOp& op, const Lane* lanes, int count) {
  const int size = RoundUp(op.units);
  ForEachLstmBlock<W>(op, lanes, count, [&op, size](const Lane& lane, const Vector* z, int unit) {
    float* const gates = lane.frame + op.gates + unit;
    for (int gate = 0; gate < kLstmGates; ++gate) Store(gates + gate * size, z[gate]);
  });
  for (int i = 0; i < count; ++i) GeneralCell(op, lanes[i]);
}

template <typename W>
LSTMD_INLINE void Lstm(const PackedOp& op, const Lane* lanes, int count) {
  if (op.is_folded) {
    LstmFolded<W>(op, lanes, count);
  } else {
    LstmGeneral<W>(op, lanes, count);
  }
}
