// Products with a matrix of any layout and format, in all lanes.
#pragma once

#include <cstddef>

#include "ops/product-inl.h"
#include "pack/packed.h"

namespace lstmd {
namespace {

/// The offsets in a lane's workspace at which a product reads and writes.
struct Operands {
  int x;
  int y;
};

/// N vectors of y = x W + b in a tile of L lanes.
template <int N, int S, int L, typename W>
LSTMD_INLINE void MultiplyTile(const Matrix& matrix, const W* w, int row, const Lane* lanes,
                               Operands at, int unit) {
  const float* rows[std::size_t{L}];
  WorkspaceRows<L>(lanes, at.x, rows);
  Vector acc[std::size_t{L * kSums}];
  BeginChains<W, N, S, L>(acc, matrix.bias + unit);
  AddProduct<N, S, L>(acc, w, row, rows, matrix.inputs);
  EndChains<W, N, S, L>(acc, matrix.scale + unit, matrix.bias + unit);
  StoreToWorkspaces<N, L>(acc, lanes, at.y + unit);
}

/// N vectors of y in all lanes. Returns the weights after their panel.
template <int N, typename W>
LSTMD_INLINE const W* Panel(const Matrix& matrix, const W* w, const Lane* lanes, int count,
                            Operands at, int unit) {
  constexpr int kRow = N * kWidth;
  constexpr bool kHasTiles = N == kSums || kTileSums == kSums;
  ForEachTile<kHasTiles ? kTileLanes : 1>(lanes, count, [&](auto tile, const Lane* own) {
    constexpr int L = decltype(tile)::kLanes;
    if constexpr (decltype(tile)::kIsWhole) {
      MultiplyTile<N, kSums / N, L>(matrix, w, kRow, own, at, unit);
    } else {
      MultiplyTile<N / 2, 1, L>(matrix, w, kRow, own, at, unit);
      MultiplyTile<N / 2, 1, L>(matrix, w + kInterleavedRows<W> * kRow / 2, kRow, own, at,
                                unit + kRow / 2);
    }
  });
  return w + RowsSize<W>(matrix.inputs, kRow);
}

template <typename W>
[[gnu::noinline]] void MultiplyPanels(const Matrix& matrix, const float* weights, const Lane* lanes,
                                      int count, Operands at) {
  const W* w = reinterpret_cast<const W*>(weights);
  int vectors = RoundUp(matrix.units) / kWidth;
  int unit = 0;
  for (; vectors >= 8; vectors -= 8, unit += 8 * kWidth)
    w = Panel<8>(matrix, w, lanes, count, at, unit);
  if (vectors >= 4) {
    w = Panel<4>(matrix, w, lanes, count, at, unit);
    vectors -= 4;
    unit += 4 * kWidth;
  }
  if (vectors >= 2) {
    w = Panel<2>(matrix, w, lanes, count, at, unit);
    vectors -= 2;
    unit += 2 * kWidth;
  }
  if (vectors >= 1) Panel<1>(matrix, w, lanes, count, at, unit);
  for (int i = 0; i < count; ++i) ZeroTail(lanes[i].workspace + at.y, matrix.units);
}

/// x W + b of a matrix in rows: one vector, with zeros after the last unit.
LSTMD_INLINE Vector MultiplyRows(const Matrix& matrix, const float* w, const float* x) {
  const int size = RoundUp(matrix.inputs);
  Vector sums = Set(0.0f);
  w += size * (matrix.units - 1);
  for (int count = matrix.units; count > 0; --count, w -= size) {
    Vector sum = Set(0.0f);
    for (int k = 0; k < size; k += kWidth) sum = MultiplyAdd(Load(x + k), Load(w + k), sum);
    // Units are summed from the last to the first, and each overwrites the elements up to its own.
    sums = SelectFirst(sums, Set(Sum(sum)), count);
  }
  return Add(sums, Load(matrix.bias));
}

/// y = x W + b with the weights at `w`, in all lanes.
LSTMD_INLINE void MultiplyMatrix(const Matrix& matrix, const float* w, const Lane* lanes, int count,
                                 Operands at) {
  if (matrix.layout == MatrixLayout::kRows) {
    for (int i = 0; i < count; ++i)
      Store(lanes[i].workspace + at.y, MultiplyRows(matrix, w, lanes[i].workspace + at.x));
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

}  // namespace
}  // namespace lstmd
