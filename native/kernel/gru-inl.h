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

/// What the gates of all units sum up to where the reset gate comes after the product with h, two
/// blocks of units at a time: `cell(z, r, recurrent part, input part of the candidate, unit)`.
template <typename Cell>
LSTMD_INLINE void ForEachGruBlock(const PackedOp& op, const float* h, Cell cell) {
  const float* w = op.weights;
  int unit = 0;
  for (; op.units - unit > kWidth; unit += 2 * kWidth) {
    Vector acc[6];
    LoadVectors<6>(acc, w);
    const Vector first_input = Load(w + 6 * kWidth);
    const Vector second_input = Load(w + 7 * kWidth);
    w = AddProduct<6, 1>(acc, w + 8 * kWidth, h, op.units);
    const Vector first_recurrent = acc[2];
    const Vector second_recurrent = acc[5];
    acc[2] = first_input;
    acc[5] = second_input;
    w = AddProduct<6, 1>(acc, w, op.x, op.inputs);
    cell(acc[0], acc[1], first_recurrent, acc[2], unit);
    cell(acc[3], acc[4], second_recurrent, acc[5], unit + kWidth);
  }
  if (unit < op.units) {
    Vector acc[6];
    LoadVectors<3>(acc, w);
    ZeroVectors<3>(acc + 3);
    const Vector input = Load(w + 3 * kWidth);
    w = AddProduct<3, 2>(acc, w + 4 * kWidth, h, op.units);
    const Vector recurrent = Add(acc[2], acc[5]);
    acc[2] = input;
    acc[5] = Set(0.0f);
    AddProduct<3, 2>(acc, w, op.x, op.inputs);
    JoinChains<3, 2>(acc);
    cell(acc[0], acc[1], recurrent, acc[2], unit);
  }
}

void GruAfterFolded(const PackedOp& op, float* h) {
  ForEachGruBlock(op, h, [&op, h](Vector z, Vector r, Vector recurrent, Vector input, int unit) {
    const Vector one = Set(1.0f);
    const Vector reset = Divide(one, Add(one, Exp2(r)));
    const Vector candidate = MultiplyAdd(reset, recurrent, input);
    Store(op.y + unit, BlendFolded(z, candidate, LoadUpTo(h + unit, op.units - unit)));
  });
}

void GruAfterGeneric(const PackedOp& op, float* h) {
  const int size = RoundUp(op.units);
  float* const z = op.gates;
  float* const r = z + size;
  float* const recurrent = r + size;
  ForEachGruBlock(op, h,
                  [&op, z, r, recurrent](Vector z_sum, Vector r_sum, Vector recurrent_sum,
                                         Vector input_sum, int unit) {
                    Store(z + unit, z_sum);
                    Store(r + unit, r_sum);
                    Store(recurrent + unit, recurrent_sum);
                    Store(op.y + unit, input_sum);
                  });
  Apply(op.recurrent_activation, z, op.units);
  Apply(op.recurrent_activation, r, op.units);
  for (int unit = 0; unit < op.units; unit += kWidth)
    Store(op.y + unit, MultiplyAdd(Load(r + unit), Load(recurrent + unit), Load(op.y + unit)));
  Apply(op.activation, op.y, op.units);
  for (int unit = 0; unit < op.units; unit += kWidth)
    Store(op.y + unit,
          Blend(Load(z + unit), Load(op.y + unit), LoadUpTo(h + unit, op.units - unit)));
}

/// The candidate's product is of r h, which needs the whole of r first.
void GruBefore(const PackedOp& op, float* h) {
  float* const z = op.gates;
  float* const r = z + RoundUp(op.units);
  Gather(op, h);
  MultiplyMatrix(op.matrix, op.matrix.weights, op.gathered, op.gates);
  if (op.is_folded) {
    const Vector one = Set(1.0f);
    for (int unit = 0; unit < op.units; unit += kWidth)
      Store(r + unit, Divide(one, Add(one, Exp2(Load(r + unit)))));
  } else {
    Apply(op.recurrent_activation, z, op.units);
    Apply(op.recurrent_activation, r, op.units);
  }
  for (int unit = 0; unit < op.units; ++unit) op.gathered[unit] *= r[unit];
  MultiplyMatrix(op.candidate, op.candidate.weights, op.gathered, op.y);
  if (!op.is_folded) Apply(op.activation, op.y, op.units);
  for (int unit = 0; unit < op.units; unit += kWidth) {
    const Vector before = LoadUpTo(h + unit, op.units - unit);
    const Vector candidate = Load(op.y + unit);
    const Vector gate = Load(z + unit);
    Store(op.y + unit,
          op.is_folded ? BlendFolded(gate, candidate, before) : Blend(gate, candidate, before));
  }
}

void Gru(const PackedOp& op, float* lane) {
  float* const h = lane + op.h_offset;
  if (!op.reset_after) {
    GruBefore(op, h);
  } else if (op.is_folded) {
    GruAfterFolded(op, h);
  } else {
    GruAfterGeneric(op, h);
  }
  EndCell(op, h);
}

/// Any recurrent layer: what is masked leaves the state as it is, and h is the output.
void Recurrent(const PackedOp& op, float* lane) {
  if (op.mask != nullptr && *op.mask == 0) {
    memcpy(op.y, lane + op.h_offset, static_cast<unsigned>(op.units) * sizeof(float));
  } else if (op.code == OpCode::kLstm) {
    Lstm(op, lane);
  } else if (op.code == OpCode::kGru) {
    Gru(op, lane);
  } else {
    SimpleRnn(op, lane);
  }
}
