// The cells of an LSTM: c and h from the sums of its gates.
#pragma once

#include <cstddef>

#include "ops/recurrent-inl.h"

namespace lstmd {
namespace {

constexpr int kLstmGates = 4;

/// The places of a lane's gates in its workspace, in Keras's order.
struct Gates {
  float* i;
  float* f;
  float* g;
  float* o;

  Gates(const Packed<LstmOp>& op, const Lane& lane)
      : i(lane.workspace + op.gates),
        f(i + RoundUp(op.units)),
        g(f + RoundUp(op.units)),
        o(g + RoundUp(op.units)) {}
};

/// The cells of B vectors of units with tanh and sigmoid, by two divisions in place of five. `z`
/// holds -i, -f, -2 g and -o of each vector: with e_i = exp(-i) and so on, and e_c = exp(-2 c'),
///   c' = [c (1 + e_i)(1 + e_g) + (1 - e_g)(1 + e_f)] / [(1 + e_f)(1 + e_i)(1 + e_g)]
///   h = (1 - e_c) / [(1 + e_o)(1 + e_c)]
///
/// @param next_hidden where the layer's new h goes
template <int B>
LSTMD_INLINE void FoldedBlocks(const Packed<LstmOp>& op, const Lane& lane, const Vector* z,
                               int unit, float* next_hidden) {
  const Vector one = Set(1.0f);
  const Vector slope = Set(op.fused_slope);
  float* const c = lane.state + op.c_offset + unit;
  float* const h = next_hidden + unit;
  float* const y = lane.workspace + op.y + unit;
  const int left = op.units - unit;
  Vector next_c[std::size_t{B}];
  Vector next_h[std::size_t{B}];
  // Each part is computed for all vectors before the next part, to hide the latency of each.
  Unroll<B>([&](auto b) {
    constexpr int kFirst = b.value * kWidth;
    const Vector* const own = z + b.value * kLstmGates;
    const Vector e_g = Exp2(kLog2E, own[2]);
    const Vector i_g = Multiply(Add(one, Exp2(kLog2E, own[0])), Add(one, e_g));
    const Vector f = Add(one, Exp2(kLog2E, own[1]));
    const Vector kept = Multiply(LoadUpTo(c + kFirst, left - kFirst), i_g);
    next_c[b.value] = Divide(MultiplyAdd(Subtract(one, e_g), f, kept), Multiply(f, i_g));
  });
  Unroll<B>([&](auto b) {
    const Vector o = Add(one, Exp2(kLog2E, z[b.value * kLstmGates + 3]));
    const Vector e_c = Exp2(-2.0f * kLog2E, next_c[b.value]);
    next_h[b.value] = Divide(Subtract(one, e_c), Multiply(o, Add(one, e_c)));
  });
  Unroll<B>([&](auto b) {
    constexpr int kFirst = b.value * kWidth;
    StoreUpTo(c + kFirst, next_c[b.value], left - kFirst);
    StoreUpTo(h + kFirst, next_h[b.value], left - kFirst);
    Store(y + kFirst, LeakyRelu(slope, next_h[b.value]));
  });
}

template <int N, int I = 0>
LSTMD_INLINE void StoreGates(const Vector* z, float* gates, int size) {
  Store(gates + I % kLstmGates * size + I / kLstmGates * kWidth, z[I]);
  if constexpr (I + 1 < N) StoreGates<N, I + 1>(z, gates, size);
}

/// Adds to a gate what its peepholes see of c.
LSTMD_INLINE void AddPeepholes(const float* peepholes, const float* c, int units, float* gate) {
  for (int unit = 0; unit < units; unit += kWidth)
    Store(gate + unit,
          MultiplyAdd(Load(peepholes + unit), LoadUpTo(c + unit, units - unit), Load(gate + unit)));
}

/// Makes the forget gate what the input gate leaves.
LSTMD_INLINE void CoupleGates(const Gates& gates, int units) {
  for (int unit = 0; unit < units; unit += kWidth)
    Store(gates.f + unit, Subtract(Set(1.0f), Load(gates.i + unit)));
}

/// The cells of every other kind. Leaves h in y.
LSTMD_INLINE void GeneralCells(const Packed<LstmOp>& op, const Lane& lane) {
  const Gates gates(op, lane);
  const int size = RoundUp(op.units);
  float* const c = lane.state + op.c_offset;
  float* const y = lane.workspace + op.y;
  if (op.peepholes != nullptr) {
    AddPeepholes(op.peepholes, c, op.units, gates.i);
    AddPeepholes(op.peepholes + size, c, op.units, gates.f);
  }
  ApplyClipped(op.recurrent_activation, op.clip, gates.i, op.units);
  if (op.is_coupled) {
    CoupleGates(gates, op.units);
  } else {
    ApplyClipped(op.recurrent_activation, op.clip, gates.f, op.units);
  }
  ApplyClipped(op.activation, op.clip, gates.g, op.units);
  for (int unit = 0; unit < op.units; unit += kWidth) {
    const int left = op.units - unit;
    const Vector kept = Multiply(Load(gates.f + unit), LoadUpTo(c + unit, left));
    const Vector next = MultiplyAdd(Load(gates.i + unit), Load(gates.g + unit), kept);
    StoreUpTo(c + unit, next, left);
    Store(y + unit, next);
  }
  if (op.peepholes != nullptr) AddPeepholes(op.peepholes + 2 * size, c, op.units, gates.o);
  ApplyClipped(op.recurrent_activation, op.clip, gates.o, op.units);
  Apply(op.state_activation, y, op.units);
  for (int unit = 0; unit < op.units; unit += kWidth)
    Store(y + unit, Multiply(Load(gates.o + unit), Load(y + unit)));
}

}  // namespace
}  // namespace lstmd
