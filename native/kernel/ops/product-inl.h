// Products of vectors and matrices, for several lanes at once.
//
// A lane's sums are added up in the same order whatever the tile, so that a lane has the same bits
// whichever lanes are stepped with it. The recursive templates stand for loops over an array of
// accumulators, which g++ would keep on the stack.
#pragma once

#include <cstddef>

#include "pack/packed.h"
#include "simd/math-inl.h"

namespace lstmd {
namespace {

/// The vectors of sums that an array of accumulators has for each lane.
constexpr int kSums = 8;

template <int I>
struct Index {
  static constexpr int value = I;
};

/// Calls `work(Index<0>)` to `work(Index<N - 1>)`.
template <int N, int I = 0, typename Work>
LSTMD_INLINE void Unroll(Work work) {
  work(Index<I>{});
  if constexpr (I + 1 < N) Unroll<N, I + 1>(work);
}

/// Says whether sums over such weights are multiplied by a scale at the end.
template <typename W>
constexpr bool kIsScaled = true;
template <>
constexpr bool kIsScaled<float> = false;

/// Rows of weights that lie interleaved, each weight beside that of the next row.
template <typename W>
constexpr int kInterleavedRows = 1;
template <>
constexpr int kInterleavedRows<Bfloat16> = 2;

/// The count of weights in `rows` rows of `row` weights, with those of padding.
template <typename W>
LSTMD_INLINE int RowsSize(int rows, int row) {
  return (rows + kInterleavedRows<W> - 1) / kInterleavedRows<W> * kInterleavedRows<W> * row;
}

/// L lanes that share each load of a weight.
template <int L>
struct Tile {
  static constexpr int kLanes = L;
  /// True when the registers hold all sums of the tile at once.
  static constexpr bool kIsWhole = L == 1 || kTileSums == kSums;
};

/// Calls `work(Tile<L>, lanes)` for each tile of L lanes, and for a smaller one of those left.
template <int L, typename Work>
LSTMD_INLINE void ForEachTile(const Lane* lanes, int count, Work work) {
  for (; count >= L; count -= L, lanes += L) work(Tile<L>{}, lanes);
  if constexpr (L > 1) ForEachTile<L - 1>(lanes, count, work);
}

template <int L, int I = 0>
LSTMD_INLINE void WorkspaceRows(const Lane* lanes, int offset, const float** rows) {
  rows[I] = lanes[I].workspace + offset;
  if constexpr (I + 1 < L) WorkspaceRows<L, I + 1>(lanes, offset, rows);
}

template <int L, int I = 0>
LSTMD_INLINE void StateRows(const Lane* lanes, int offset, const float** rows) {
  rows[I] = lanes[I].state + offset;
  if constexpr (I + 1 < L) StateRows<L, I + 1>(lanes, offset, rows);
}

template <int L, int I = 0>
LSTMD_INLINE void SetEach(Vector* x, const float* const* rows, int k) {
  x[I] = Set(rows[I][k]);
  if constexpr (I + 1 < L) SetEach<L, I + 1>(x, rows, k);
}

template <int L, int I = 0>
LSTMD_INLINE void AddToEach(Vector* acc, Vector weight, const Vector* x) {
  acc[I * kSums] = MultiplyAdd(x[I], weight, acc[I * kSums]);
  if constexpr (I + 1 < L) AddToEach<L, I + 1>(acc, weight, x);
}

/// acc[i] += w[i] * x for N vectors, in each of L lanes.
template <int N, int L, int I = 0, typename W>
LSTMD_INLINE void AddRow(Vector* acc, const W* w, const Vector* x) {
  Vector weight = LoadWeights(w + kInterleavedRows<W> * I * kWidth);
  if constexpr (L > 1) KeepInRegister(weight);
  AddToEach<L>(acc + I, weight, x);
  if constexpr (I + 1 < N) AddRow<N, L, I + 1>(acc, w, x);
}

/// Adds S rows of weights, each to N accumulators of its own.
template <int N, int S, int L, int I = 0, typename W>
LSTMD_INLINE void AddRows(Vector* acc, const W* w, int row, const float* const* rows, int k) {
  Vector x[std::size_t{L}];
  SetEach<L>(x, rows, k + I);
  AddRow<N, L>(acc + I * N, w + I * row, x);
  if constexpr (I + 1 < S) AddRows<N, S, L, I + 1>(acc, w, row, rows, k);
}

/// Prefetches weights for large layers, whose weights come from no nearer than the second cache.
/// Weights smaller than float32 take longer to expand than to load, and the CPU by itself
/// prefetches less far ahead than that.
template <int kBytes, int I = 0>
LSTMD_INLINE void Prefetch(const void* weights) {
  constexpr int kAheadBytes = 4096;
  constexpr int kLineBytes = 64;
  __builtin_prefetch(static_cast<const char*>(weights) + kAheadBytes + I);
  if constexpr (I + kLineBytes < kBytes) Prefetch<kBytes, I + kLineBytes>(weights);
}

/// Adds a row of N vectors, and the next row to the accumulators `kSecond` further.
template <int N, int kSecond, int L, int I = 0>
LSTMD_INLINE void AddPair(Vector* acc, const Bfloat16* w, const Vector* x, const Vector* next) {
  Vector first = LoadWeights(w + 2 * I * kWidth);
  Vector second = LoadSecondOfPairs(w + 2 * I * kWidth);
  if constexpr (L > 1) KeepInRegister(first);
  if constexpr (L > 1) KeepInRegister(second);
  AddToEach<L>(acc + I, first, x);
  AddToEach<L>(acc + kSecond + I, second, next);
  if constexpr (I + 1 < N) AddPair<N, kSecond, L, I + 1>(acc, w, x, next);
}

/// Adds S rows, but two at least, each to N accumulators of its own.
template <int N, int S, int L, int I = 0>
LSTMD_INLINE void AddPairs(Vector* acc, const Bfloat16* w, int row, const float* const* rows,
                           int k) {
  Vector x[std::size_t{L}];
  Vector next[std::size_t{L}];
  SetEach<L>(x, rows, k + I);
  SetEach<L>(next, rows, k + I + 1);
  Prefetch<N * kVectorBytes>(w + I * row);
  AddPair<N, S == 1 ? 0 : N, L>(acc + I * N, w + I * row, x, next);
  if constexpr (I + 2 < S) AddPairs<N, S, L, I + 2>(acc, w, row, rows, k);
}

/// acc += x W over `inputs` rows of N vectors, which lie `row` weights apart. S chains of additions
/// hide the latency where N alone does not. Returns the weights after the last row.
template <int N, int S, int L, typename W>
LSTMD_INLINE const W* AddProduct(Vector* acc, const W* w, int row, const float* const* rows,
                                 int inputs) {
  [[maybe_unused]] constexpr int kBytes = S * N * kWidth * static_cast<int>(sizeof(W));
  int k = 0;
  if constexpr (L == 1 && !kIsScaled<W>) {
    // Fewer instructions a row, so that the CPU sees further ahead.
    constexpr int kUnrolled = 4;
    for (; k + kUnrolled * S <= inputs; k += kUnrolled * S, w += kUnrolled * S * row)
      Unroll<kUnrolled>([&](auto i) {
        AddRows<N, S, L>(acc, w + i.value * S * row, row, rows, k + i.value * S);
      });
  }
  for (; k + S <= inputs; k += S, w += S * row) {
    if constexpr (kIsScaled<W>) Prefetch<kBytes>(w);
    AddRows<N, S, L>(acc, w, row, rows, k);
  }
  for (; k < inputs; ++k, w += row) AddRows<N, 1, L>(acc, w, row, rows, k);
  return w;
}

template <int N, int S, int L>
LSTMD_INLINE const Bfloat16* AddProduct(Vector* acc, const Bfloat16* w, int row,
                                        const float* const* rows, int inputs) {
  constexpr int kRows = S + S % 2;
  int k = 0;
  for (; k + kRows <= inputs; k += kRows, w += kRows * row) AddPairs<N, S, L>(acc, w, row, rows, k);
  for (; k + 2 <= inputs; k += 2, w += 2 * row) AddPairs<N, 1, L>(acc, w, row, rows, k);
  if (k == inputs) return w;
  Vector x[std::size_t{L}];
  SetEach<L>(x, rows, k);
  AddRow<N, L>(acc, w, x);
  return w + 2 * row;
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

template <int N, int I = 0>
LSTMD_INLINE void StoreVectors(const Vector* acc, float* p) {
  Store(p + I * kWidth, acc[I]);
  if constexpr (I + 1 < N) StoreVectors<N, I + 1>(acc, p);
}

/// Begins S chains in each of L lanes: the first with the N vectors of bias and the others with
/// zeros, or all with zeros where the bias comes after the scale.
template <typename W, int N, int S, int L, int I = 0>
LSTMD_INLINE void BeginChains(Vector* acc, const float* bias) {
  constexpr int kSumsOfLane = N * S;
  ZeroVectors<kSumsOfLane>(acc + I * kSums);
  if constexpr (!kIsScaled<W>) LoadVectors<N>(acc + I * kSums, bias);
  if constexpr (I + 1 < L) BeginChains<W, N, S, L, I + 1>(acc, bias);
}

/// Adds the S chains of N accumulators up into the first.
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

template <int N, int I = 0>
LSTMD_INLINE void ScaleVectors(Vector* acc, const float* scale, const float* bias) {
  acc[I] = MultiplyAdd(acc[I], Load(scale + I * kWidth), Load(bias + I * kWidth));
  if constexpr (I + 1 < N) ScaleVectors<N, I + 1>(acc, scale, bias);
}

/// Leaves in the first N accumulators of each lane the sums that `BeginChains` began.
template <typename W, int N, int S, int L, int I = 0>
LSTMD_INLINE void EndChains(Vector* acc, const float* scale, const float* bias) {
  JoinChains<N, S>(acc + I * kSums);
  if constexpr (kIsScaled<W>) ScaleVectors<N>(acc + I * kSums, scale, bias);
  if constexpr (I + 1 < L) EndChains<W, N, S, L, I + 1>(acc, scale, bias);
}

/// Stores N sums of each lane, `step` floats from one lane's to the next's.
template <int N, int L, int I = 0>
LSTMD_INLINE void StoreSums(const Vector* acc, float* sums, int step) {
  StoreVectors<N>(acc + I * kSums, sums + I * step);
  if constexpr (I + 1 < L) StoreSums<N, L, I + 1>(acc, sums, step);
}

template <int N, int L, int I = 0>
LSTMD_INLINE void StoreToWorkspaces(const Vector* acc, const Lane* lanes, int offset) {
  StoreVectors<N>(acc + I * kSums, lanes[I].workspace + offset);
  if constexpr (I + 1 < L) StoreToWorkspaces<N, L, I + 1>(acc, lanes, offset);
}

/// The floats that the weights of a panel take: up to whole cache lines where they are smaller than
/// float32.
template <typename W>
LSTMD_INLINE int PanelFloats(int weights) {
  if constexpr (!kIsScaled<W>) return weights;
  constexpr int kLine = static_cast<int>(kAlignment / sizeof(W));
  return (weights + kLine - 1) / kLine * static_cast<int>(kAlignment / sizeof(float));
}

}  // namespace
}  // namespace lstmd
