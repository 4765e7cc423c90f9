// Matrices: x W + b of any layout and format, in all lanes. Included by step-inl.h.

/// Where a product reads and writes in a lane's frame.
struct Operands {
  int x;
  int y;
};

/// N vectors of y = x W + b, for a tile of L lanes.
template <int N, int S, int L, typename W>
LSTMD_INLINE void MultiplyTile(const Matrix& matrix, const W* w, int row, const Lane* lanes,
                               Operands at, int unit) {
  const float* rows[L];
  FrameRows<L>(lanes, at.x, rows);
  Vector acc[L * kSums];
  BeginChains<W, N, S, L>(acc, matrix.bias + unit);
  AddProduct<N, S, L>(acc, w, row, rows, matrix.inputs);
  EndChains<W, N, S, L>(acc, matrix.scale + unit, matrix.bias + unit);
  StoreToFrames<N, L>(acc, lanes, at.y + unit);
}

/// N vectors for all lanes. Returns the weights after them.
template <int N, typename W>
LSTMD_INLINE const W* Panel(const Matrix& matrix, const W* w, const Lane* lanes, int count,
                            Operands at, int unit) {
  constexpr int kRow = N * kWidth;
  constexpr bool kHasTiles = N == kSums || kTileSums == kSums;
  ForEachTile<kHasTiles ? kTile : 1>(lanes, count, [&](auto tile, const Lane* own) {
    constexpr int L = decltype(tile)::kLanes;
    if constexpr (decltype(tile)::kIsWhole) {
      MultiplyTile<N, kSums / N, L>(matrix, w, kRow, own, at, unit);
    } else {
      MultiplyTile<N / 2, 1, L>(matrix, w, kRow, own, at, unit);
      MultiplyTile<N / 2, 1, L>(matrix, w + kRowsTogether<W> * kRow / 2, kRow, own, at,
                                unit + kRow / 2);
    }
  });
  return w + RowsSize<W>(matrix.inputs, kRow);
}

template <typename W>
[[gnu::noinline]] void MultiplyPanels(const Matrix& matrix, const float* weights, const Lane* lanes,
                                      int count, Operands at) {
  const W* w = reinterpret_cast<const W*>(weights);
  int blocks = RoundUp(matrix.units) / kWidth;
  int unit = 0;
  for (; blocks >= 8; blocks -= 8, unit += 8 * kWidth)
    w = Panel<8>(matrix, w, lanes, count, at, unit);
  if (blocks >= 4) {
    w = Panel<4>(matrix, w, lanes, count, at, unit);
    blocks -= 4;
    unit += 4 * kWidth;
  }
  if (blocks >= 2) {
    w = Panel<2>(matrix, w, lanes, count, at, unit);
    blocks -= 2;
    unit += 2 * kWidth;
  }
  if (blocks >= 1) Panel<1>(matrix, w, lanes, count, at, unit);
  for (int i = 0; i < count; ++i) ZeroTail(lanes[i].frame + at.y, matrix.units);
}

/// x W + b where each unit has a row: in one vector, which is zero after them.
LSTMD_INLINE Vector MultiplyRows(const Matrix& matrix, const float* w, const float* x) {
  const int size = RoundUp(matrix.inputs);
  Vector sums = Set(0.0f);
  w += size * (matrix.units - 1);
  for (int count = matrix.units; count > 0; --count, w -= size) {
    Vector sum = Set(0.0f);
    for (int k = 0; k < size; k += kWidth) sum = MultiplyAdd(Load(x + k), Load(w + k), sum);
    // Those before it come after it.
    sums = WithFirst(sums, Set(Sum(sum)), count);
  }
  return Add(sums, Load(matrix.bias));
}

/// y = x W + b with the weights at `w`, in all lanes.
LSTMD_INLINE void MultiplyMatrix(const Matrix& matrix, const float* w, const Lane* lanes, int count,
                                 Operands at) {
  if (matrix.layout == MatrixLayout::kRows) {
    for (int i = 0; i < count; ++i)
      Store(lanes[i].frame + at.y, MultiplyRows(matrix, w, lanes[i].frame + at.x));
    return;
  }
  switch (matrix.format) {
    case WeightFormat::kFloat32:
      return MultiplyPanels<float>(matrix, w, lanes, count, at);
    case WeightFormat::kBfloat16:
      return MultiplyPanels<Bfloat16>(matrix, w, lanes, count, at);
    case WeightFormat::kInt8:
      return MultiplyPanels<Int8>(matrix, w, lanes, count, at);
  }
}
