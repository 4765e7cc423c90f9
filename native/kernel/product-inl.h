// Vectors times matrices. Included by step-inl.h.

/// acc[i] += w[i] * x for N vectors, spelled out: a loop over an array of accumulators makes g++
/// keep them on the stack.
template <int N, int I = 0>
LSTMD_INLINE void AddRow(Vector* acc, const float* w, Vector x) {
  acc[I] = MultiplyAdd(x, Load(w + I * kWidth), acc[I]);
  if constexpr (I + 1 < N) AddRow<N, I + 1>(acc, w, x);
}

/// S rows of weights, each into its own N accumulators.
template <int N, int S, int I = 0>
LSTMD_INLINE void AddRows(Vector* acc, const float* w, const float* x) {
  AddRow<N>(acc + I * N, w + I * N * kWidth, Set(x[I]));
  if constexpr (I + 1 < S) AddRows<N, S, I + 1>(acc, w, x);
}

/// acc += x W over `inputs` rows of N vectors; S chains of additions hide the latency where N alone
/// does not. Returns the weights after the last row.
template <int N, int S>
LSTMD_INLINE const float* AddProduct(Vector* acc, const float* w, const float* x, int inputs) {
  int k = 0;
  for (; k + S <= inputs; k += S, w += S * N * kWidth) AddRows<N, S>(acc, w, x + k);
  for (; k < inputs; ++k, w += N * kWidth) AddRow<N>(acc, w, Set(x[k]));
  return w;
}

template <int N, int I = 0>
LSTMD_INLINE void LoadVectors(Vector* acc, const float* p) {
  acc[I] = Load(p + I * kWidth);
  if constexpr (I + 1 < N) LoadVectors<N, I + 1>(acc, p);
}

template <int N, int I = 0>
LSTMD_INLINE void ZeroVectors(Vector* acc) {
  acc[I] = Set(0.0f);
  if constexpr (I + 1 < N) ZeroVectors<N, I + 1>(acc);
}

/// Folds the S chains of N accumulators into the first.
template <int N, int S, int I = 0>
LSTMD_INLINE void JoinChains(Vector* acc) {
  if constexpr (S > 1) {
    acc[I] = Add(acc[I], acc[I + N * (S / 2)]);
    if constexpr (I + 1 < N * (S / 2)) {
      JoinChains<N, S, I + 1>(acc);
    } else {
      JoinChains<N, S / 2>(acc);
    }
  }
}

/// N vectors of y = x W + b. Returns the weights after them.
template <int N>
LSTMD_INLINE const float* Panel(const Matrix& matrix, const float* w, const float* x, float* y,
                                int unit) {
  constexpr int kChains = 8 / N;
  Vector acc[8];
  LoadVectors<N>(acc, matrix.bias + unit);
  if constexpr (kChains > 1) ZeroVectors<8 - N>(acc + N);
  w = AddProduct<N, kChains>(acc, w, x, matrix.inputs);
  JoinChains<N, kChains>(acc);
  for (int i = 0; i < N; ++i) Store(y + unit + i * kWidth, acc[i]);
  return w;
}

LSTMD_INLINE void MultiplyPanels(const Matrix& matrix, const float* w, const float* x, float* y) {
  int blocks = RoundUp(matrix.units) / kWidth;
  int unit = 0;
  for (; blocks >= 8; blocks -= 8, unit += 8 * kWidth) w = Panel<8>(matrix, w, x, y, unit);
  if (blocks >= 4) {
    w = Panel<4>(matrix, w, x, y, unit);
    blocks -= 4;
    unit += 4 * kWidth;
  }
  if (blocks >= 2) {
    w = Panel<2>(matrix, w, x, y, unit);
    blocks -= 2;
    unit += 2 * kWidth;
  }
  if (blocks >= 1) Panel<1>(matrix, w, x, y, unit);
}

LSTMD_INLINE void MultiplyRows(const Matrix& matrix, const float* w, const float* x, float* y) {
  const int size = RoundUp(matrix.inputs);
  for (int unit = 0; unit < matrix.units; ++unit, w += size) {
    Vector sum = Set(0.0f);
    for (int k = 0; k < size; k += kWidth) sum = MultiplyAdd(Load(x + k), Load(w + k), sum);
    y[unit] = matrix.bias[unit] + Sum(sum);
  }
}

/// y = x W + b with the weights at `w`; x and y are buffers of whole vectors.
void MultiplyMatrix(const Matrix& matrix, const float* w, const float* x, float* y) {
  if (matrix.layout == MatrixLayout::kRows) {
    MultiplyRows(matrix, w, x, y);
  } else {
    MultiplyPanels(matrix, w, x, y);
  }
  ZeroTail(y, matrix.units);
}
