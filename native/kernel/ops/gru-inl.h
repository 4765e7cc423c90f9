// The GRU, with the reset gate after the product and before it.
#pragma once

#include <cstddef>

#include "ops/recurrent-inl.h"

namespace lstmd {
namespace {

/// h' with tanh and sigmoid by one division, from -z and -2 times the candidate: with e_z = exp(-z)
/// and e_c = exp(-2 candidate),
///   h' = [h (1 + e_c) + e_z (1 - e_c)] / [(1 + e_z)(1 + e_c)]
LSTMD_INLINE Vector BlendFolded(Vector z, Vector candidate, Vector h) {
  const Vector one = Set(1.0f);
  const Vector e_z = Exp2(kLog2E, z);
  const Vector e_c = Exp2(kLog2E, candidate);
  const Vector c = Add(one, e_c);
  const Vector sum = MultiplyAdd(e_z, Subtract(one, e_c), Multiply(h, c));
  return Divide(sum, Multiply(Add(one, e_z), c));
}

/// z h + (1 - z) candidate.
LSTMD_INLINE Vector Blend(Vector z, Vector candidate, Vector h) {
  return MultiplyAdd(z, h, Multiply(Subtract(Set(1.0f), z), candidate));
}

constexpr int kGruGates = 3;
/// The sums are those of z, r, and the recurrent and the input part of the candidate, which are
/// summed apart because the reset gate comes between them.
constexpr int kGruSums = 4;

/// A panel of a GRU's stream of weights (pack-recurrent.cpp).
template <typename W>
struct GruPanel {
  int row;
  /// The biases of z, r and the recurrent part of the candidate.
  const float* bias;
  /// The bias of the input part of the candidate.
  const float* input_bias;
  /// The candidate has one scale for both parts.
  const float* scale;
  const W* weights;

  static GruPanel Of(const float* stream, int vectors) {
    const int row = vectors * kGruGates * kWidth;
    const float* const scale = stream + vectors * kGruSums * kWidth;
    return {row, stream, stream + row, scale,
            reinterpret_cast<const W*>(kIsScaled<W> ? scale + row : scale)};
  }
  const float* End(const Packed<GruOp>& op) const {
    const int size = RowsSize<W>(op.units, row) + RowsSize<W>(op.inputs, row);
    return reinterpret_cast<const float*>(weights) + PanelFloats<W>(size);
  }
};

/// Stores a candidate's recurrent part, and begins its input part in the same accumulator.
template <typename W>
LSTMD_INLINE void BeginInputPart(Vector sum, Vector* acc, const float* scale, const float* bias,
                                 const float* input_bias, float* to) {
  if constexpr (kIsScaled<W>) {
    Store(to, MultiplyAdd(sum, Load(scale), Load(bias)));
    *acc = Set(0.0f);
  } else {
    Store(to, sum);
    *acc = Load(input_bias);
  }
}

/// Does the same for the candidates of B vectors in L lanes: the third of each vector's three sums.
template <typename W, int B, int S, int L, int I = 0>
LSTMD_INLINE void BeginInputParts(Vector* acc, const float* scale, const float* bias,
                                  const float* input_bias, float* sums) {
  Vector* const own = acc + I * kSums;
  float* const to = sums + I * kSums * kWidth;
  const Vector sum = S == 2 ? Add(own[2], own[5]) : own[2];
  BeginInputPart<W>(sum, own + 2, scale + 2 * kWidth, bias + 2 * kWidth, input_bias,
                    to + 2 * kWidth);
  if constexpr (S == 2) own[5] = Set(0.0f);
  if constexpr (B == 2)
    BeginInputPart<W>(own[5], own + 5, scale + 5 * kWidth, bias + 5 * kWidth, input_bias + kWidth,
                      to + 6 * kWidth);
  if constexpr (I + 1 < L) BeginInputParts<W, B, S, L, I + 1>(acc, scale, bias, input_bias, sums);
}

/// Completes z, r and the input parts of the candidates of B vectors in L lanes.
template <typename W, int B, int S, int L, int I = 0>
LSTMD_INLINE void EndGates(Vector* acc, const float* scale, const float* bias,
                           const float* input_bias) {
  Vector* const own = acc + I * kSums;
  JoinChains<B * kGruGates, S>(own);
  if constexpr (kIsScaled<W>) {
    ScaleVectors<2>(own, scale, bias);
    ScaleVectors<1>(own + 2, scale + 2 * kWidth, input_bias);
    if constexpr (B == 2) {
      ScaleVectors<2>(own + 3, scale + 3 * kWidth, bias + 3 * kWidth);
      ScaleVectors<1>(own + 5, scale + 5 * kWidth, input_bias + kWidth);
    }
  }
  if constexpr (I + 1 < L) EndGates<W, B, S, L, I + 1>(acc, scale, bias, input_bias);
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

/// The sums of B vectors of a panel, from the vector `first` on, in a tile of L lanes.
template <int B, int S, int L, typename W>
LSTMD_INLINE void GruTile(const Packed<GruOp>& op, const GruPanel<W>& panel, int first,
                          const Lane* lanes, float* sums) {
  constexpr int N = B * kGruGates;
  const int offset = first * kGruGates * kWidth;
  const float* const bias = panel.bias + offset;
  const float* const input_bias = panel.input_bias + first * kWidth;
  const float* const scale = panel.scale + offset;
  const float* h[std::size_t{L}];
  const float* x[std::size_t{L}];
  StateRows<L>(lanes, op.h_offset, h);
  WorkspaceRows<L>(lanes, op.x, x);
  Vector acc[std::size_t{L * kSums}];
  BeginChains<W, N, S, L>(acc, bias);
  const W* const w = AddProduct<N, S, L>(acc, panel.weights + kInterleavedRows<W> * offset,
                                         panel.row, h, op.units);
  BeginInputParts<W, B, S, L>(acc, scale, bias, input_bias, sums);
  AddProduct<N, S, L>(acc, w, panel.row, x, op.inputs);
  EndGates<W, B, S, L>(acc, scale, bias, input_bias);
  StoreGates<B, L>(acc, sums);
}

/// The sums of all units in all lanes where the reset gate comes after the product with h. Calls
/// `cell(lane, sums, unit)` with the four sums of each vector of units.
template <typename W, typename Cell>
LSTMD_INLINE void ForEachGruBlock(const Packed<GruOp>& op, const Lane* lanes, int count,
                                  Cell cell) {
  constexpr int kSumsOfBlock = kGruSums * kWidth;
  alignas(kVectorBytes) float sums[kTileLanes * kSums * kWidth];
  const float* stream = op.weights;
  int unit = 0;
  for (; op.units - unit > kWidth; unit += 2 * kWidth) {
    const GruPanel<W> panel = GruPanel<W>::Of(stream, 2);
    stream = panel.End(op);
    ForEachTile<kTileLanes>(lanes, count, [&](auto tile, const Lane* own) {
      constexpr int L = decltype(tile)::kLanes;
      if constexpr (decltype(tile)::kIsWhole) {
        GruTile<2, 1, L>(op, panel, 0, own, sums);
      } else {
        GruTile<1, 1, L>(op, panel, 0, own, sums);
        GruTile<1, 1, L>(op, panel, 1, own, sums + kSumsOfBlock);
      }
      for (int i = 0; i < 2 * L; ++i)
        cell(own[i / 2], sums + i * kSumsOfBlock, unit + i % 2 * kWidth);
    });
  }
  if (unit < op.units) {
    const GruPanel<W> panel = GruPanel<W>::Of(stream, 1);
    ForEachTile<kTileSums == kSums ? kTileLanes : 1>(lanes, count, [&](auto tile, const Lane* own) {
      constexpr int L = decltype(tile)::kLanes;
      GruTile<1, 2, L>(op, panel, 0, own, sums);
      for (int i = 0; i < L; ++i) cell(own[i], sums + i * kSums * kWidth, unit);
    });
  }
}

template <typename W>
void GruResetAfterFolded(const Packed<GruOp>& op, const Lane* lanes, int count) {
  ForEachGruBlock<W>(op, lanes, count, [&op](const Lane& lane, const float* sums, int unit) {
    const Vector one = Set(1.0f);
    const Vector reset = Divide(one, Add(one, Exp2(kLog2E, Load(sums + kWidth))));
    const Vector candidate = MultiplyAdd(reset, Load(sums + 2 * kWidth), Load(sums + 3 * kWidth));
    const Vector before = LoadUpTo(lane.state + op.h_offset + unit, op.units - unit);
    Store(lane.workspace + op.y + unit, BlendFolded(Load(sums), candidate, before));
  });
  StoreHiddenState(op, lanes, count);
}

template <typename W>
void GruResetAfterGeneral(const Packed<GruOp>& op, const Lane* lanes, int count) {
  const int size = RoundUp(op.units);
  ForEachGruBlock<W>(op, lanes, count, [&op, size](const Lane& lane, const float* sums, int unit) {
    float* const gates = lane.workspace + op.gates + unit;
    Store(gates, Load(sums));
    Store(gates + size, Load(sums + kWidth));
    Store(gates + 2 * size, Load(sums + 2 * kWidth));
    Store(lane.workspace + op.y + unit, Load(sums + 3 * kWidth));
  });
  for (int i = 0; i < count; ++i) {
    float* const z = lanes[i].workspace + op.gates;
    float* const r = z + size;
    float* const recurrent = r + size;
    float* const y = lanes[i].workspace + op.y;
    const float* const h = lanes[i].state + op.h_offset;
    ApplyClipped(op.recurrent_activation, op.clip, z, op.units);
    ApplyClipped(op.recurrent_activation, op.clip, r, op.units);
    for (int unit = 0; unit < op.units; unit += kWidth)
      Store(y + unit, MultiplyAdd(Load(r + unit), Load(recurrent + unit), Load(y + unit)));
    ApplyClipped(op.activation, op.clip, y, op.units);
    for (int unit = 0; unit < op.units; unit += kWidth)
      Store(y + unit, Blend(Load(z + unit), Load(y + unit), LoadUpTo(h + unit, op.units - unit)));
  }
  StoreHiddenState(op, lanes, count);
}

/// The reset gate comes before the product: the candidate's is with r h, and needs all of r first.
void GruResetBefore(const Packed<GruOp>& op, const Lane* lanes, int count) {
  const int size = RoundUp(op.units);
  GatherHiddenAndInput(op, op.gathered, lanes, count);
  MultiplyMatrix(op.gate_matrix, op.gate_matrix.weights, lanes, count, {op.gathered, op.gates});
  for (int i = 0; i < count; ++i) {
    float* const z = lanes[i].workspace + op.gates;
    float* const r = z + size;
    float* const gathered = lanes[i].workspace + op.gathered;
    if (op.is_folded) {
      const Vector one = Set(1.0f);
      for (int unit = 0; unit < op.units; unit += kWidth)
        Store(r + unit, Divide(one, Add(one, Exp2(kLog2E, Load(r + unit)))));
    } else {
      ApplyClipped(op.recurrent_activation, op.clip, z, op.units);
      ApplyClipped(op.recurrent_activation, op.clip, r, op.units);
    }
    for (int unit = 0; unit < op.units; ++unit) gathered[unit] *= r[unit];
  }
  MultiplyMatrix(op.candidate_matrix, op.candidate_matrix.weights, lanes, count,
                 {op.gathered, op.y});
  for (int i = 0; i < count; ++i) {
    const float* const z = lanes[i].workspace + op.gates;
    float* const y = lanes[i].workspace + op.y;
    if (!op.is_folded) ApplyClipped(op.activation, op.clip, y, op.units);
    for (int unit = 0; unit < op.units; unit += kWidth) {
      const Vector before = LoadUpTo(lanes[i].state + op.h_offset + unit, op.units - unit);
      const Vector candidate = Load(y + unit);
      const Vector gate = Load(z + unit);
      Store(y + unit,
            op.is_folded ? BlendFolded(gate, candidate, before) : Blend(gate, candidate, before));
    }
  }
  StoreHiddenState(op, lanes, count);
}

template <typename W>
OpStep GruStepOf(const Packed<GruOp>& op) {
  return op.is_folded ? StepCells<GruOp, GruResetAfterFolded<W>>
                      : StepCells<GruOp, GruResetAfterGeneral<W>>;
}

OpStep StepOf(const Packed<GruOp>& op) {
  if (!op.reset_after) return StepCells<GruOp, GruResetBefore>;
  switch (op.format) {
    case WeightFormat::kFloat32:
      break;
    case WeightFormat::kBfloat16:
      return GruStepOf<Bfloat16>(op);
    case WeightFormat::kInt8:
      return GruStepOf<Int8>(op);
  }
  return GruStepOf<float>(op);
}

}  // namespace
}  // namespace lstmd
