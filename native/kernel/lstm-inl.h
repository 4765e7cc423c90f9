// The LSTM. Included by step-inl.h.

constexpr int kLstmGates = 4;

/// The cell of tanh and sigmoid with two divisions in place of five, in two parts. `z` holds the
/// gates i, f, g, o as exponents: with e = 2^z,
///   c' = [c (1 + e_i)(1 + e_g) + (1 - e_g)(1 + e_f)] / [(1 + e_f)(1 + e_i)(1 + e_g)]
LSTMD_INLINE Vector FoldedC(const Vector* z, Vector c) {
  const Vector one = Set(1.0f);
  const Vector e_g = Exp2(z[2]);
  const Vector i_g = Multiply(Add(one, Exp2(z[0])), Add(one, e_g));
  const Vector f = Add(one, Exp2(z[1]));
  return Divide(MultiplyAdd(Subtract(one, e_g), f, Multiply(c, i_g)), Multiply(f, i_g));
}

/// h = (1 - e_c) / [(1 + e_o)(1 + e_c)], of c'.
LSTMD_INLINE Vector FoldedH(const Vector* z, Vector c) {
  const Vector one = Set(1.0f);
  const Vector o = Add(one, Exp2(z[3]));
  const Vector e_c = Exp2(Multiply(Set(-2.0f * kLog2E), c));
  return Divide(Subtract(one, e_c), Multiply(o, Add(one, e_c)));
}

/// Tanh and sigmoid, with the gates as exponents.
struct FoldedLstm {
  /// B blocks of units whose gates are at `z`.
  template <int B>
  LSTMD_INLINE void Step(const PackedOp& op, const Lane& lane, const Vector* z, int unit) {
    const int left = op.units - unit;
    float* const c = lane.state + op.c_offset + unit;
    float* const h = (IsOnePanel(op) ? lane.state + op.h_offset : lane.frame + op.gates) + unit;
    float* const y = lane.frame + op.y + unit;
    Vector next_c[B];
    Vector next_h[B];
    // Each part of all blocks before the next part: what one waits for is then another's work.
    Repeat<B>([&](auto b) {
      constexpr int kFirst = b.value * kWidth;
      next_c[b.value] = LoadUpTo(c + kFirst, left - kFirst);
    });
    Repeat<B>([&](auto b) {
      next_c[b.value] = FoldedC(z + b.value * kLstmGates, next_c[b.value]);
    });
    Repeat<B>([&](auto b) {
      next_h[b.value] = FoldedH(z + b.value * kLstmGates, next_c[b.value]);
    });
    const Vector slope = Set(op.slope);
    Repeat<B>([&](auto b) {
      constexpr int kFirst = b.value * kWidth;
      StoreUpTo(c + kFirst, next_c[b.value], left - kFirst);
      StoreUpTo(h + kFirst, next_h[b.value], left - kFirst);
      Store(y + kFirst, Leak(slope, next_h[b.value]));
    });
  }

  static void End(const PackedOp& op, const Lane* lanes, int count) {
    for (int i = 0; i < count && !IsOnePanel(op); ++i)
      // A vector as it was written, which memcpy's wider loads would have to wait for.
      for (int unit = 0; unit < op.units; unit += kWidth)
        StoreUpTo(lanes[i].state + op.h_offset + unit, Load(lanes[i].frame + op.gates + unit),
                  op.units - unit);
    Finish(op, lanes, count);
  }

  /// Whether all of the h before has been read when the first cell is computed.
  static bool IsOnePanel(const PackedOp& op) { return op.units <= 2 * kWidth; }
};

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

/// Any other activations: the sums are put by, and the cells come last.
struct GeneralLstm {
  template <int B>
  LSTMD_INLINE void Step(const PackedOp& op, const Lane& lane, const Vector* z, int unit) {
    const int size = RoundUp(op.units);
    float* const gates = lane.frame + op.gates + unit;
    Repeat<B>([&](auto b) {
      for (int gate = 0; gate < kLstmGates; ++gate)
        Store(gates + gate * size + b.value * kWidth, z[b.value * kLstmGates + gate]);
    });
  }

  static void End(const PackedOp& op, const Lane* lanes, int count) {
    for (int i = 0; i < count; ++i) GeneralCell(op, lanes[i]);
    PassOn(op, lanes, count);
  }
};

/// Where in an LSTM's stream the panel of B blocks of units is.
template <typename W, int B>
struct LstmPanel {
  static constexpr int kRow = B * kLstmGates * kWidth;
  const float* bias;
  const float* scale;
  const W* weights;

  explicit LstmPanel(const float* stream)
      : bias(stream),
        scale(stream + kRow),
        weights(reinterpret_cast<const W*>(stream + (kIsScaled<W> ? 2 : 1) * kRow)) {}

  const float* End(int rows) const {
    return reinterpret_cast<const float*>(weights) + PanelFloats<W>(rows * kRow);
  }
};

/// N of a panel's vectors of gates, S chains of each, for a tile of L lanes.
template <int N, int S, int L, typename W, int B>
LSTMD_INLINE void SumGates(const PackedOp& op, const LstmPanel<W, B>& panel, int first,
                           const Lane* lanes, Vector* acc) {
  constexpr int kRow = LstmPanel<W, B>::kRow;
  const float* h[L];
  const float* x[L];
  StateRows<L>(lanes, op.h_offset, h);
  FrameRows<L>(lanes, op.x, x);
  BeginChains<W, N, S, L>(acc, panel.bias + first);
  const W* const w = AddProduct<N, S, L>(acc, panel.weights + first, kRow, h, op.units);
  AddProduct<N, S, L>(acc, w, kRow, x, op.inputs);
  EndChains<W, N, S, L>(acc, panel.scale + first, panel.bias + first);
}

/// B blocks of units of L lanes. A function for each, so that what one keeps in registers is not in
/// another's way.
template <typename Cell, typename W, int B, int L>
[[gnu::noinline]] void LstmTile(const PackedOp& op, const float* stream, const Lane* lanes,
                                int unit) {
  const LstmPanel<W, B> panel(stream);
  Vector acc[L * kSums];
  if constexpr (B == 1) {
    SumGates<kLstmGates, 2, L>(op, panel, 0, lanes, acc);
  } else if constexpr (Tile<L>::kIsWhole) {
    SumGates<2 * kLstmGates, 1, L>(op, panel, 0, lanes, acc);
  } else {
    SumGates<kLstmGates, 1, L>(op, panel, 0, lanes, acc);
    SumGates<kLstmGates, 1, L>(op, panel, kLstmGates * kWidth, lanes, acc + kLstmGates);
  }
  Repeat<L>([&](auto i) {
    Cell::template Step<B>(op, lanes[i.value], acc + i.value * kSums, unit);
  });
}

/// The cells of all units of all lanes, two blocks of units at a time. What a lane's h was is still
/// there until the last.
template <typename Cell, typename W>
[[gnu::noinline]] void Lstm(const PackedOp& op, const Lane* lanes, int count) {
  const float* stream = op.weights;
  int unit = 0;
  for (; op.units - unit > kWidth; unit += 2 * kWidth) {
    ForEachTile<kTile>(lanes, count, [&](auto tile, const Lane* own) {
      LstmTile<Cell, W, 2, decltype(tile)::kLanes>(op, stream, own, unit);
    });
    stream = LstmPanel<W, 2>(stream).End(op.units + op.inputs);
  }
  if (unit < op.units)
    ForEachTile<kTileSums == kSums ? kTile : 1>(lanes, count, [&](auto tile, const Lane* own) {
      LstmTile<Cell, W, 1, decltype(tile)::kLanes>(op, stream, own, unit);
    });
  Cell::End(op, lanes, count);
}
