// The recurrent layers in float64.
#include "reference-activation.h"
#include "reference-operation.h"

namespace lstmd::test {

Values ReferenceOperation::Gate(const RecurrentOp& op, int gate, int gates, const Values& h) const {
  Values z = Bias(op.bias, op_.units, gate * op_.units);
  AddProduct(op.kernel, x_, gates * op_.units, gate * op_.units, z);
  AddProduct(op.recurrent_kernel, h, gates * op_.units, gate * op_.units, z);
  return z;
}

bool ReferenceOperation::Compute(const LstmOp& op) {
  return Recur(op, [this, &op](const Values& h) {
    Values c = At(op.c_offset, op_.units);
    Values gates[4];
    const auto see = [&](int gate, int row) {
      for (std::size_t i = 0; i < c.size() && op.peepholes != nullptr; ++i)
        gates[gate][i] += op.peepholes[Index(row * op_.units) + i] * c[i];
    };
    for (int gate = 0; gate < 4; ++gate) gates[gate] = Gate(op, gate, 4, h);
    see(0, 0);
    see(1, 1);
    for (int gate = 0; gate < 3; ++gate)
      ActivateClipped(gate == 2 ? op.activation : op.recurrent_activation, op.clip, gates[gate]);
    for (std::size_t i = 0; i < c.size(); ++i) {
      const double forget = op.is_coupled ? 1 - gates[0][i] : gates[1][i];
      c[i] = forget * c[i] + gates[0][i] * gates[2][i];
    }
    Keep(op.c_offset, c);
    see(3, 2);
    ActivateClipped(op.recurrent_activation, op.clip, gates[3]);
    Activate(op.state_activation, c);
    ForEach([&c, &gates](std::size_t i) { return gates[3][i] * c[i]; });
  });
}

bool ReferenceOperation::Compute(const GruOp& op) {
  return Recur(op, [this, &op](const Values& h) { ComputeGru(op, h); });
}

void ReferenceOperation::ComputeGru(const GruOp& op, const Values& h) {
  const int units = op_.units;
  Values z = Gate(op, 0, 3, h);
  Values r = Gate(op, 1, 3, h);
  if (op.recurrent_bias != nullptr)
    for (std::size_t i = 0; i < z.size(); ++i) {
      z[i] += op.recurrent_bias[i];
      r[i] += op.recurrent_bias[Index(units) + i];
    }
  ActivateClipped(op.recurrent_activation, op.clip, z);
  ActivateClipped(op.recurrent_activation, op.clip, r);
  Values candidate = Bias(op.bias, units, 2 * units);
  AddProduct(op.kernel, x_, 3 * units, 2 * units, candidate);
  if (op.reset_after) {
    Values recurrent = Bias(op.recurrent_bias, units, 2 * units);
    AddProduct(op.recurrent_kernel, h, 3 * units, 2 * units, recurrent);
    for (std::size_t i = 0; i < r.size(); ++i) candidate[i] += r[i] * recurrent[i];
  } else {
    Values kept = h;
    for (std::size_t i = 0; i < r.size(); ++i) kept[i] *= r[i];
    AddProduct(op.recurrent_kernel, kept, 3 * units, 2 * units, candidate);
  }
  ActivateClipped(op.activation, op.clip, candidate);
  ForEach([&](std::size_t i) { return z[i] * h[i] + (1 - z[i]) * candidate[i]; });
}

bool ReferenceOperation::Compute(const SimpleRnnOp& op) {
  return Recur(op, [this, &op](const Values& h) {
    y_ = Gate(op, 0, 1, h);
    ActivateClipped(op.activation, op.clip, y_);
  });
}

}  // namespace lstmd::test
