// The LSTM: the sums of its gates, panel by panel, and what becomes of them.
#pragma once

#include <cstddef>

#include "ops/lstm-cells-inl.h"

namespace lstmd {
namespace {

/// A panel of B vectors of units in an LSTM's stream of weights (pack-recurrent.cpp).
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

  const float* End(const Packed<LstmOp>& op) const {
    const int size = RowsSize<W>(op.units, kRow) + RowsSize<W>(op.inputs, kRow);
    return reinterpret_cast<const float*>(weights) + PanelFloats<W>(size);
  }
};

/// The sums of N of a panel's vectors of gates, in S chains each, for a tile of L lanes.
template <int N, int S, int L, typename W, int B>
LSTMD_INLINE void SumGates(const Packed<LstmOp>& op, const LstmPanel<W, B>& panel, int first,
                           const Lane* lanes, Vector* acc) {
  constexpr int kRow = LstmPanel<W, B>::kRow;
  const float* h[std::size_t{L}];
  const float* x[std::size_t{L}];
  StateRows<L>(lanes, op.h_offset, h);
  WorkspaceRows<L>(lanes, op.x, x);
  BeginChains<W, N, S, L>(acc, panel.bias + first);
  const W* const w =
      AddProduct<N, S, L>(acc, panel.weights + kInterleavedRows<W> * first, kRow, h, op.units);
  AddProduct<N, S, L>(acc, w, kRow, x, op.inputs);
  EndChains<W, N, S, L>(acc, panel.scale + first, panel.bias + first);
}

/// Says what becomes of a panel's gates.
enum class Cells {
  /// They are left in the workspace.
  kLater,
  /// Its cells are computed. Where other panels have yet to read the previous h, the new h is left
  /// in the workspace, in the place of the gates.
  kAtOnce,
  /// Its cells are computed, and nothing else reads the previous h.
  kLast,
};

/// Returns whether one panel has all units of a layer.
LSTMD_INLINE bool HasOnePanel(const Packed<LstmOp>& op) { return op.units <= 2 * kWidth; }

template <int B, Cells kCells>
LSTMD_INLINE void UseGates(const Packed<LstmOp>& op, const Lane& lane, const Vector* z, int unit) {
  float* const h = lane.state + op.h_offset;
  float* const gates = lane.workspace + op.gates;
  if constexpr (kCells == Cells::kLater) {
    StoreGates<B * kLstmGates>(z, gates + unit, RoundUp(op.units));
  } else if constexpr (kCells == Cells::kAtOnce) {
    FoldedBlocks<B>(op, lane, z, unit, HasOnePanel(op) ? h : gates);
  } else {
    FoldedBlocks<B>(op, lane, z, unit, h);
  }
}

/// The gates of B vectors of units in L lanes. It is no inlined function, so that each tile has all
/// registers to itself.
template <typename W, int B, int L, Cells kCells>
[[gnu::noinline]] void LstmTile(const Packed<LstmOp>& op, const float* stream, const Lane* lanes,
                                int unit) {
  const LstmPanel<W, B> panel(stream);
  Vector acc[std::size_t{L * kSums}];
  if constexpr (B == 1) {
    SumGates<kLstmGates, 2, L>(op, panel, 0, lanes, acc);
  } else if constexpr (Tile<L>::kIsWhole) {
    SumGates<2 * kLstmGates, 1, L>(op, panel, 0, lanes, acc);
  } else {
    SumGates<kLstmGates, 1, L>(op, panel, 0, lanes, acc);
    SumGates<kLstmGates, 1, L>(op, panel, kLstmGates * kWidth, lanes, acc + kLstmGates);
  }
  Unroll<L>([&](auto i) { UseGates<B, kCells>(op, lanes[i.value], acc + i.value * kSums, unit); });
}

/// Calls `work(Index<vectors>, stream, unit)` for each panel.
template <typename W, typename Work>
LSTMD_INLINE void ForEachPanel(const Packed<LstmOp>& op, Work work) {
  const float* stream = op.weights;
  int unit = 0;
  for (; op.units - unit > kWidth; unit += 2 * kWidth) {
    work(Index<2>{}, stream, unit);
    stream = LstmPanel<W, 2>(stream).End(op);
  }
  if (unit < op.units) work(Index<1>{}, stream, unit);
}

/// The first part of the sums of `LstmTile`, which is over h, for one lane.
template <typename W, int B>
[[gnu::noinline]] void PrecomputePanel(const Packed<LstmOp>& op, const float* stream,
                                       const Lane& lane, float* sums) {
  constexpr int kGates = B * kLstmGates;
  constexpr int kChains = kSums / kGates;
  const LstmPanel<W, B> panel(stream);
  const float* const h = lane.state + op.h_offset;
  Vector acc[kSums];
  BeginChains<W, kGates, kChains, 1>(acc, panel.bias);
  AddProduct<kGates, kChains, 1>(acc, panel.weights, panel.kRow, &h, op.units);
  StoreVectors<kSums>(acc, sums);
}

/// The second part, which is over x.
template <typename W, int B, Cells kCells>
[[gnu::noinline]] void CompletePanel(const Packed<LstmOp>& op, const float* stream,
                                     const Lane& lane, const float* sums, int unit) {
  constexpr int kGates = B * kLstmGates;
  constexpr int kChains = kSums / kGates;
  const LstmPanel<W, B> panel(stream);
  const float* const x = lane.workspace + op.x;
  Vector acc[kSums];
  LoadVectors<kSums>(acc, sums);
  AddProduct<kGates, kChains, 1>(acc, panel.weights + RowsSize<W>(op.units, panel.kRow), panel.kRow,
                                 &x, op.inputs);
  EndChains<W, kGates, kChains, 1>(acc, panel.scale, panel.bias);
  UseGates<B, kCells>(op, lane, acc, unit);
}

template <typename W>
[[gnu::noinline]] void PrecomputeSums(const Packed<LstmOp>& op, const Lane& lane) {
  float* sums = op.precomputed->sums;
  ForEachPanel<W>(op, [&](auto vectors, const float* stream, int) {
    PrecomputePanel<W, decltype(vectors)::value>(op, stream, lane, sums);
    sums += kSums * kWidth;
  });
}

/// Copies the new h of all lanes from the workspace to the state.
LSTMD_INLINE void CopyHidden(const Packed<LstmOp>& op, const Lane* lanes, int count) {
  for (int i = 0; i < count; ++i) {
    const float* const next = lanes[i].workspace + op.gates;
    float* const h = lanes[i].state + op.h_offset;
    for (int unit = 0, left = op.units; left > 0; unit += kWidth, left -= kWidth)
      StoreUpTo(h + unit, Load(next + unit), left);
  }
}

/// The gates of all units in all lanes, and with `kHasCells` the cells as well.
template <typename W, bool kHasCells>
LSTMD_INLINE void SumAllGates(const Packed<LstmOp>& op, const Lane* lanes, int count) {
  if (op.precomputed != nullptr && op.precomputed->is_ready) {
    const float* sums = op.precomputed->sums;
    ForEachPanel<W>(op, [&](auto vectors, const float* stream, int unit) {
      CompletePanel<W, decltype(vectors)::value, kHasCells ? Cells::kLast : Cells::kLater>(
          op, stream, lanes[0], sums, unit);
      sums += kSums * kWidth;
    });
    return;
  }
  ForEachPanel<W>(op, [&](auto vectors, const float* stream, int unit) {
    constexpr int B = decltype(vectors)::value;
    ForEachTile<B == 2 || kTileSums == kSums ? kTileLanes : 1>(
        lanes, count, [&](auto tile, const Lane* own) {
          LstmTile<W, B, decltype(tile)::kLanes, kHasCells ? Cells::kAtOnce : Cells::kLater>(
              op, stream, own, unit);
        });
  });
  if (kHasCells && !HasOnePanel(op)) CopyHidden(op, lanes, count);
}

template <typename W>
LSTMD_INLINE void LstmFolded(const Packed<LstmOp>& op, const Lane* lanes, int count) {
  SumAllGates<W, true>(op, lanes, count);
  ApplyFusedActivation(op, lanes, count);
}

template <typename W>
void LstmGeneral(const Packed<LstmOp>& op, const Lane* lanes, int count) {
  SumAllGates<W, false>(op, lanes, count);
  for (int i = 0; i < count; ++i) GeneralCells(op, lanes[i]);
  StoreHiddenState(op, lanes, count);
}

template <typename W>
OpStep LstmStepOf(const Packed<LstmOp>& op) {
  return op.is_folded ? StepCells<LstmOp, LstmFolded<W>> : StepCells<LstmOp, LstmGeneral<W>>;
}

OpStep StepOf(const Packed<LstmOp>& op) {
  switch (op.format) {
    case WeightFormat::kFloat32:
      break;
    case WeightFormat::kBfloat16:
      return LstmStepOf<Bfloat16>(op);
    case WeightFormat::kInt8:
      return LstmStepOf<Int8>(op);
  }
  return LstmStepOf<float>(op);
}

/// Computes the recurrent sums of the first LSTM for the next sample.
void Precompute(const PrecomputedSums& precomputed, const Lane& lane) {
  switch (precomputed.op->format) {
    case WeightFormat::kFloat32:
      return PrecomputeSums<float>(*precomputed.op, lane);
    case WeightFormat::kBfloat16:
      return PrecomputeSums<Bfloat16>(*precomputed.op, lane);
    case WeightFormat::kInt8:
      return PrecomputeSums<Int8>(*precomputed.op, lane);
  }
}

}  // namespace
}  // namespace lstmd
