// The GRU, both ways. Included by step-inl.h.

/// h' of tanh and sigmoid with one division: z and the candidate as exponents, with e = 2^z,
///   h' = [h (1 + e_c) + e_z (1 - e_c)] / [(1 + e_z)(1 + e_c)]
LSTMD_INLINE Vector BlendFolded(Vector z, Vector candidate, Vector h) {
  const Vector one = Set(1.0f);
  const Vector e_z = Exp2(z);
  const Vector e_c = Exp2(candidate);
  const Vector c = Add(one, e_c);
  const Vector sum = MultiplyAdd(e_z, Subtract(one, e_c), Multiply(h, c));
  return Divide(sum, Multiply(Add(one, e_z), c));
}

/// z h + (1 - z) candidate.
LSTMD_INLINE Vector Blend(Vector z, Vector candidate, Vector h) {
  return MultiplyAdd(z, h, Multiply(Subtract(Set(1.0f), z), candidate));
}

constexpr int kGruGates = 3;
/// z, r, and the recurrent and the input part of the candidate, which are summed apart because the
/// reset gate comes between them.
constexpr int kGruSums = 4;

/// Puts the recurrent parts of B blocks' candidates by, and begins the input parts.
template <int B, int S, int L, int I = 0>
LSTMD_INLINE void TurnToInput(Vector* acc, const float* bias, float* sums) {
  Vector* const own = acc + I * kSums;
  float* const to = sums + I * kSums * kWidth;
  Store(to + 2 * kWidth, S == 2 ? Add(own[2], own[5]) : own[2]);
  own[2] = Load(bias);
  if constexpr (S == 2) own[5] = Set(0.0f);
  if constexpr (B == 2) {
    Store(to + 6 * kWidth, own[5]);
    own[5] = Load(bias + kWidth);
  }
  if constexpr (I + 1 < L) TurnToInput<B, S, L, I + 1>(acc, bias, sums);
}

template <int B, int L, int I = 0>
LSTMD_INLINE void StoreGates(const Vector* acc, float* sums) {
  const Vector* const own = acc + I * kSums;
  float* const to = sums + I * kSums * kWidth;
  StoreVectors<2>(own, to);
  Store(to + 3 * kWidth, own[2]);
  if constexpr (B == 2) {
    StoreVectors<2>(own + 3, to + 4 * kWidth);
    Store(to + 7 * kWidth, own[5]);
  }
  if constexpr (I + 1 < L) StoreGates<B, L, I + 1>(acc, sums);
}

/// The sums of B blocks for a tile of L lanes; `rows` begins with the biases, and the input part's
/// biases are at `bias`.
template <int B, int S, int L>
LSTMD_INLINE void GruTile(const PackedOp& op, const float* first, const float* bias, const float* w,
                          int row, const Lane* lanes, float* sums) {
  constexpr int N = B * kGruGates;
  const float* h[L];
  const float* x[L];
  StateRows<L>(lanes, op.h_offset, h);
  FrameRows<L>(lanes, op.x, x);
  Vector acc[L * kSums];
  BeginChains<N, S, L>(acc, first);
  w = AddProduct<N, S, L>(acc, w, row, h, op.units);
  TurnToInput<B, S, L>(acc, bias, sums);
  AddProduct<N, S, L>(acc, w, row, x, op.inputs);
  JoinEach<N, S, L>(acc);
  StoreGates<B, L>(acc, sums);
}

/// What the gates of all units of all lanes sum up to where the reset gate comes after the product
/// with h, two blocks of units at a time: `cell(lane, sums, unit)` takes each block's four.
template <typename Cell>
LSTMD_INLINE void ForEachGruBlock(const PackedOp& op, const Lane* lanes, int count, Cell cell) {
  constexpr int kBlock = kGruGates * kWidth;
  constexpr int kSumsOfBlock = kGruSums * kWidth;
  alignas(kVectorBytes) float sums[kTile * kSums * kWidth];
  const int rows = op.units + op.inputs;
  const float* w = op.weights;
  int unit = 0;
  for (; op.units - unit > kWidth; unit += 2 * kWidth, w += 2 * (kSumsOfBlock + rows * kBlock)) {
    const float* const bias = w + 2 * kBlock;
    const float* const product = w + 2 * kSumsOfBlock;
    ForEachTile<kTile>(lanes, count, [&](auto tile, const Lane* own) {
      constexpr int L = decltype(tile)::kLanes;
      if constexpr (decltype(tile)::kIsWhole) {
        GruTile<2, 1, L>(op, w, bias, product, 2 * kBlock, own, sums);
      } else {
        GruTile<1, 1, L>(op, w, bias, product, 2 * kBlock, own, sums);
        GruTile<1, 1, L>(op, w + kBlock, bias + kWidth, product + kBlock, 2 * kBlock, own,
                         sums + kSumsOfBlock);
      }
      for (int i = 0; i < 2 * L; ++i)
        cell(own[i / 2], sums + i * kSumsOfBlock, unit + i % 2 * kWidth);
    });
  }
  if (unit < op.units) {
    ForEachTile<kTileSums == kSums ? kTile : 1>(lanes, count, [&](auto tile, const Lane* own) {
      constexpr int L = decltype(tile)::kLanes;
      GruTile<1, 2, L>(op, w, w + kBlock, w + kSumsOfBlock, kBlock, own, sums);
      for (int i = 0; i < L; ++i) cell(own[i], sums + i * kSums * kWidth, unit);
    });
  }
}

void GruAfterFolded(const PackedOp& op, const Lane* lanes, int count) {
  ForEachGruBlock(op, lanes, count, [&op](const Lane& lane, const float* sums, int unit) {
    const Vector one = Set(1.0f);
    const Vector reset = Divide(one, Add(one, Exp2(Load(sums + kWidth))));
    const Vector candidate = MultiplyAdd(reset, Load(sums + 2 * kWidth), Load(sums + 3 * kWidth));
    const Vector before = LoadUpTo(lane.state + op.h_offset + unit, op.units - unit);
    Store(lane.frame + op.y + unit, BlendFolded(Load(sums), candidate, before));
  });
}

void GruAfterGeneral(const PackedOp& op, const Lane* lanes, int count) {
  const int size = RoundUp(op.units);
  ForEachGruBlock(op, lanes, count, [&op, size](const Lane& lane, const float* sums, int unit) {
    float* const gates = lane.frame + op.gates + unit;
    Store(gates, Load(sums));
    Store(gates + size, Load(sums + kWidth));
    Store(gates + 2 * size, Load(sums + 2 * kWidth));
    Store(lane.frame + op.y + unit, Load(sums + 3 * kWidth));
  });
  for (int i = 0; i < count; ++i) {
    float* const z = lanes[i].frame + op.gates;
    float* const r = z + size;
    float* const recurrent = r + size;
    float* const y = lanes[i].frame + op.y;
    const float* const h = lanes[i].state + op.h_offset;
    Apply(op.recurrent_activation, z, op.units);
    Apply(op.recurrent_activation, r, op.units);
    for (int unit = 0; unit < op.units; unit += kWidth)
      Store(y + unit, MultiplyAdd(Load(r + unit), Load(recurrent + unit), Load(y + unit)));
    Apply(op.activation, y, op.units);
    for (int unit = 0; unit < op.units; unit += kWidth)
      Store(y + unit, Blend(Load(z + unit), Load(y + unit), LoadUpTo(h + unit, op.units - unit)));
  }
}

/// The candidate's product is of r h, which needs the whole of r first.
void GruBefore(const PackedOp& op, const Lane* lanes, int count) {
  const int size = RoundUp(op.units);
  Gather(op, lanes, count);
  MultiplyMatrix(op.matrix, op.matrix.weights, lanes, count, {op.gathered, op.gates});
  for (int i = 0; i < count; ++i) {
    float* const z = lanes[i].frame + op.gates;
    float* const r = z + size;
    float* const gathered = lanes[i].frame + op.gathered;
    if (op.is_folded) {
      const Vector one = Set(1.0f);
      for (int unit = 0; unit < op.units; unit += kWidth)
        Store(r + unit, Divide(one, Add(one, Exp2(Load(r + unit)))));
    } else {
      Apply(op.recurrent_activation, z, op.units);
      Apply(op.recurrent_activation, r, op.units);
    }
    for (int unit = 0; unit < op.units; ++unit) gathered[unit] *= r[unit];
  }
  MultiplyMatrix(op.candidate, op.candidate.weights, lanes, count, {op.gathered, op.y});
  for (int i = 0; i < count; ++i) {
    const float* const z = lanes[i].frame + op.gates;
    float* const y = lanes[i].frame + op.y;
    if (!op.is_folded) Apply(op.activation, y, op.units);
    for (int unit = 0; unit < op.units; unit += kWidth) {
      const Vector before = LoadUpTo(lanes[i].state + op.h_offset + unit, op.units - unit);
      const Vector candidate = Load(y + unit);
      const Vector gate = Load(z + unit);
      Store(y + unit,
            op.is_folded ? BlendFolded(gate, candidate, before) : Blend(gate, candidate, before));
    }
  }
}

void Gru(const PackedOp& op, const Lane* lanes, int count) {
  if (!op.reset_after) {
    GruBefore(op, lanes, count);
  } else if (op.is_folded) {
    GruAfterFolded(op, lanes, count);
  } else {
    GruAfterGeneral(op, lanes, count);
  }
}

/// Any recurrent layer: what is masked leaves the state as it is, and h is the output.
[[gnu::noinline]] Outcomes Recurrent(const PackedOp& op, const Lane* lanes, LaneSet set) {
  const Chosen chosen(lanes, op.mask == kNone ? set : SkipMasked(op, lanes, set));
  if (chosen.count == 0) return {set, 0};
  if (op.code == OpCode::kLstm) {
    Lstm(op, chosen.lanes, chosen.count);
  } else if (op.code == OpCode::kGru) {
    Gru(op, chosen.lanes, chosen.count);
  } else {
    SimpleRnn(op, chosen.lanes, chosen.count);
  }
  EndCells(op, chosen.lanes, chosen.count);
  return {set, 0};
}
