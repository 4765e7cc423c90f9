// One step of one lane, for the vectors of the translation unit that includes this: it defines
// LSTMD_VECTOR_HEADER (the vector) and LSTMD_STEP_LANE (the function's name). Everything but that
// function is local to the unit, so that no other part of the binary can end up with its
// instructions; for the same reason there is nothing of the standard library in here.
#include <string.h>

#include "format.h"
#include "packed.h"
#include "target.h"

#define LSTMD_INLINE [[gnu::always_inline]] static inline

namespace lstmd {
namespace {

/// 2^r = 1 + r (c1 + ...), degree 6; degree 5 drifts on whole models.
struct Exp2Coefficients {
  float c1, c2, c3, c4, c5, c6;
};
/// For r from -1/2 to 1/2.
[[maybe_unused]] constexpr Exp2Coefficients kHalfRange = {
    .693147203f, .240226479f, .0555033247f, .00961843736f, .00133988748f, .000153533629f};
/// For r from 0 to 1.
[[maybe_unused]] constexpr Exp2Coefficients kUnitRange = {
    .693147044f, .240229306f, .0554852805f, .00967545182f, .00124678438f, .000216129252f};

template <typename AnyVector>
LSTMD_INLINE AnyVector Exp2Polynomial(AnyVector r, const Exp2Coefficients& c);

#include LSTMD_VECTOR_HEADER

/// Estrin's scheme.
template <typename AnyVector>
LSTMD_INLINE AnyVector Exp2Polynomial(AnyVector r, const Exp2Coefficients& c) {
  const AnyVector r2 = Multiply(r, r);
  const AnyVector p01 = MultiplyAdd(Set(c.c1), r, Set(1.0f));
  const AnyVector p23 = MultiplyAdd(Set(c.c3), r, Set(c.c2));
  const AnyVector p45 = MultiplyAdd(Set(c.c5), r, Set(c.c4));
  const AnyVector p456 = MultiplyAdd(Set(c.c6), r2, p45);
  return MultiplyAdd(MultiplyAdd(p456, r2, p23), r2, p01);
}

/// 2^y, with y held where neither 2^y is a denormal nor a product of three such terms overflows:
/// a sigmoid or tanh of float32 does not change beyond. NaN stays NaN.
LSTMD_INLINE Vector Exp2(Vector y) { return Exp2InRange(Min(Set(40.0f), Max(Set(-126.0f), y))); }

constexpr float kLog2E = 1.44269504f;
constexpr int kGates = 4;

LSTMD_INLINE Vector LoadUpTo(const float* p, int count) {
  return count >= kWidth ? LoadUnaligned(p) : LoadFirst(p, count);
}

LSTMD_INLINE void StoreUpTo(float* p, Vector a, int count) {
  if (count >= kWidth) {
    StoreUnaligned(p, a);
  } else {
    StoreFirst(p, a, count);
  }
}

LSTMD_INLINE int RoundUp(int count) { return (count + kWidth - 1) / kWidth * kWidth; }

/// Keeps a buffer's promise of zeros after its last value.
LSTMD_INLINE void ZeroTail(float* buffer, int size) {
  for (int i = size; i < RoundUp(size); ++i) buffer[i] = 0;
}

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

LSTMD_INLINE Vector Sigmoid(Vector x) {
  const Vector one = Set(1.0f);
  return Divide(one, Add(one, Exp2(Multiply(Set(-kLog2E), x))));
}

LSTMD_INLINE Vector Tanh(Vector x) {
  const Vector one = Set(1.0f);
  const Vector e = Exp2(Multiply(Set(-2.0f * kLog2E), x));
  return Divide(Subtract(one, e), Add(one, e));
}

template <typename Function>
LSTMD_INLINE void ForEachVector(float* values, int size, Function function) {
  for (int i = 0; i < size; i += kWidth) Store(values + i, function(Load(values + i)));
}

/// In place; `values` is a buffer of whole vectors, of which `size` floats count.
void Apply(const Activation& activation, float* values, int size) {
  const float* const parameters = activation.parameters;
  switch (activation.code) {
    case ActivationCode::kLinear:
      return;
    case ActivationCode::kSigmoid:
      ForEachVector(values, size, [](Vector x) { return Sigmoid(x); });
      break;
    case ActivationCode::kTanh:
      ForEachVector(values, size, [](Vector x) { return Tanh(x); });
      break;
    case ActivationCode::kSoftsign:
      ForEachVector(values, size, [](Vector x) { return Divide(x, Add(Set(1.0f), Abs(x))); });
      break;
    case ActivationCode::kRelu: {
      const Vector slope = Set(parameters[0]);
      const Vector threshold = Set(parameters[1]);
      const Vector most = Set(parameters[2]);
      ForEachVector(values, size, [slope, threshold, most](Vector x) {
        const Vector below = Multiply(slope, Subtract(x, threshold));
        return WhereAtLeast(x, most, most, WhereAtLeast(x, threshold, x, below));
      });
      break;
    }
    case ActivationCode::kHardSigmoid: {
      const Vector slope = Set(parameters[0]);
      const Vector offset = Set(parameters[1]);
      ForEachVector(values, size, [slope, offset](Vector x) {
        return Min(Set(1.0f), Max(Set(0.0f), MultiplyAdd(slope, x, offset)));
      });
      break;
    }
    default:
      return ApplyByLibm(activation, values, size);
  }
  ZeroTail(values, size);
}

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

/// The gates of all units, two blocks of units at a time; `cell(z, unit)` takes each block's four.
template <typename Cell>
LSTMD_INLINE void ForEachBlock(const PackedOp& op, const float* h, Cell cell) {
  const float* w = op.weights;
  int unit = 0;
  for (; op.units - unit > kWidth; unit += 2 * kWidth) {
    Vector acc[2 * kGates];
    LoadVectors<2 * kGates>(acc, w);
    w = AddProduct<2 * kGates, 1>(acc, w + 2 * kGates * kWidth, h, op.units);
    w = AddProduct<2 * kGates, 1>(acc, w, op.x, op.inputs);
    cell(acc, unit);
    cell(acc + kGates, unit + kWidth);
  }
  if (unit < op.units) {
    Vector acc[2 * kGates];
    LoadVectors<kGates>(acc, w);
    ZeroVectors<kGates>(acc + kGates);
    w = AddProduct<kGates, 2>(acc, w + kGates * kWidth, h, op.units);
    AddProduct<kGates, 2>(acc, w, op.x, op.inputs);
    JoinChains<kGates, 2>(acc);
    cell(acc, unit);
  }
}

LSTMD_INLINE void EndLstm(const PackedOp& op, float* h) {
  ZeroTail(op.y, op.units);
  // Only now: every block reads the whole of the h before.
  memcpy(h, op.y, static_cast<unsigned>(op.units) * sizeof(float));
}

void LstmFolded(const PackedOp& op, float* lane) {
  float* const h = lane + op.h_offset;
  float* const c = lane + op.c_offset;
  ForEachBlock(op, h, [&op, c](const Vector* z, int unit) {
    FoldedCell(z, c + unit, op.y + unit, op.units - unit);
  });
  EndLstm(op, h);
}

void LstmGeneric(const PackedOp& op, float* lane) {
  float* const h = lane + op.h_offset;
  float* const c = lane + op.c_offset;
  const int size = RoundUp(op.units);
  float* const i = op.gates;
  float* const f = i + size;
  float* const g = f + size;
  float* const o = g + size;
  ForEachBlock(op, h, [i, f, g, o](const Vector* z, int unit) {
    Store(i + unit, z[0]);
    Store(f + unit, z[1]);
    Store(g + unit, z[2]);
    Store(o + unit, z[3]);
  });
  Apply(op.recurrent_activation, i, op.units);
  Apply(op.recurrent_activation, f, op.units);
  Apply(op.activation, g, op.units);
  Apply(op.recurrent_activation, o, op.units);
  for (int unit = 0; unit < op.units; unit += kWidth) {
    const int count = op.units - unit;
    const Vector kept = Multiply(Load(f + unit), LoadUpTo(c + unit, count));
    const Vector next = MultiplyAdd(Load(i + unit), Load(g + unit), kept);
    StoreUpTo(c + unit, next, count);
    Store(op.y + unit, next);
  }
  Apply(op.activation, op.y, op.units);
  for (int unit = 0; unit < op.units; unit += kWidth)
    Store(op.y + unit, Multiply(Load(o + unit), Load(op.y + unit)));
  EndLstm(op, h);
}

/// y = bias + x W for N vectors of units. Returns the weights after them.
template <int N>
LSTMD_INLINE const float* DensePanel(const PackedOp& op, const float* w, int unit) {
  constexpr int kChains = 8 / N;
  Vector acc[8];
  LoadVectors<N>(acc, op.bias + unit);
  if constexpr (kChains > 1) ZeroVectors<8 - N>(acc + N);
  w = AddProduct<N, kChains>(acc, w, op.x, op.inputs);
  JoinChains<N, kChains>(acc);
  for (int i = 0; i < N; ++i) Store(op.y + unit + i * kWidth, acc[i]);
  return w;
}

void DensePanels(const PackedOp& op, const float* w) {
  int blocks = RoundUp(op.units) / kWidth;
  int unit = 0;
  for (; blocks >= 8; blocks -= 8, unit += 8 * kWidth) w = DensePanel<8>(op, w, unit);
  if (blocks >= 4) {
    w = DensePanel<4>(op, w, unit);
    blocks -= 4;
    unit += 4 * kWidth;
  }
  if (blocks >= 2) {
    w = DensePanel<2>(op, w, unit);
    blocks -= 2;
    unit += 2 * kWidth;
  }
  if (blocks >= 1) DensePanel<1>(op, w, unit);
}

void DenseRows(const PackedOp& op, const float* w) {
  const int size = RoundUp(op.inputs);
  for (int unit = 0; unit < op.units; ++unit, w += size) {
    Vector sum = Set(0.0f);
    for (int k = 0; k < size; k += kWidth) sum = MultiplyAdd(Load(op.x + k), Load(w + k), sum);
    op.y[unit] = op.bias[unit] + Sum(sum);
  }
}

LSTMD_INLINE void Dense(const PackedOp& op, const float* w) {
  if (op.layout == DenseLayout::kRows) {
    DenseRows(op, w);
  } else {
    DensePanels(op, w);
  }
  ZeroTail(op.y, op.units);
}

void TimeDense(const PackedOp& op, float* lane, long age) {
  Dense(op, op.weights + age * op.step_size);
  float* const acc = lane + op.acc_offset;
  for (int unit = 0; unit < op.units; ++unit) {
    acc[unit] += op.y[unit];
    op.y[unit] = acc[unit] + op.late_bias[unit];
  }
  Apply(op.activation, op.y, op.units);
}

void Activate(const PackedOp& op) {
  memcpy(op.y, op.x, static_cast<unsigned>(RoundUp(op.units)) * sizeof(float));
  Apply(op.activation, op.y, op.units);
}

bool IsBounded(const float* values, int size) {
  const Vector limit = Set(kStateLimit);
  for (int i = 0; i < size; i += kWidth)
    if (!AllAtMost(Abs(LoadUpTo(values + i, size - i)), limit)) return false;
  return true;
}

}  // namespace

bool LSTMD_STEP_LANE(const Packed& packed, float* lane, std::int64_t age) {
  for (int i = 0; i < packed.op_count; ++i) {
    const PackedOp& op = packed.ops[i];
    switch (op.code) {
      case PackedOpCode::kLstmFolded:
        LstmFolded(op, lane);
        break;
      case PackedOpCode::kLstmGeneric:
        LstmGeneric(op, lane);
        break;
      case PackedOpCode::kDense:
        Dense(op, op.weights);
        Apply(op.activation, op.y, op.units);
        break;
      case PackedOpCode::kTimeDense:
        TimeDense(op, lane, age);
        break;
      case PackedOpCode::kActivation:
        Activate(op);
        break;
    }
  }
  return IsBounded(lane, packed.lane_state_size);
}

}  // namespace lstmd
