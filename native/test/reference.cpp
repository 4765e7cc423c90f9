#include "reference.h"

#include <algorithm>
#include <cmath>

namespace lstmd::test {
namespace {

using Values = std::vector<double>;

std::size_t Index(std::int64_t i) { return static_cast<std::size_t>(i); }

void AddProduct(const float* matrix, const Values& x, std::size_t columns, Values& sum) {
  for (std::size_t k = 0; k < x.size(); ++k)
    for (std::size_t j = 0; j < columns; ++j) sum[j] += x[k] * matrix[k * columns + j];
}

Values Bias(const OpSpec& op, std::size_t columns) {
  if (op.bias == nullptr) return Values(columns, 0);
  return Values(op.bias, op.bias + columns);
}

void Apply(const Activation& activation, Values& values) {
  if (activation.code != ActivationCode::kSoftmax) {
    for (double& value : values) value = ReferenceActivation(activation, value);
    return;
  }
  const double largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (double& value : values) sum += value = std::exp(value - largest);
  for (double& value : values) value /= sum;
}

void Lstm(const OpSpec& op, Values& lane, const Values& x, Values& y) {
  const std::size_t units = Index(op.units);
  double* const h = lane.data() + op.h_offset;
  double* const c = lane.data() + op.c_offset;
  Values z = Bias(op, 4 * units);
  AddProduct(op.kernel, x, 4 * units, z);
  AddProduct(op.recurrent_kernel, Values(h, h + units), 4 * units, z);
  for (std::size_t unit = 0; unit < units; ++unit) {
    const double i = ReferenceActivation(op.recurrent_activation, z[unit]);
    const double f = ReferenceActivation(op.recurrent_activation, z[units + unit]);
    const double g = ReferenceActivation(op.activation, z[2 * units + unit]);
    const double o = ReferenceActivation(op.recurrent_activation, z[3 * units + unit]);
    c[unit] = f * c[unit] + i * g;
    h[unit] = y[unit] = o * ReferenceActivation(op.activation, c[unit]);
  }
}

}  // namespace

double ReferenceActivation(const Activation& activation, double x) {
  const float* p = activation.parameters;
  const double selu_alpha = 1.6732632423543772;
  switch (activation.code) {
    case ActivationCode::kLinear:
      return x;
    case ActivationCode::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case ActivationCode::kTanh:
      return std::tanh(x);
    case ActivationCode::kSoftmax:
      return NAN;
    case ActivationCode::kSoftplus:
      return x > 30 ? x : std::log1p(std::exp(x));
    case ActivationCode::kSoftsign:
      return x / (1 + std::fabs(x));
    case ActivationCode::kExponential:
      return std::exp(x);
    case ActivationCode::kSelu:
      return 1.0507009873554805 * (x > 0 ? x : selu_alpha * (std::exp(x) - 1));
    case ActivationCode::kSilu:
      return x / (1 + std::exp(-x));
    case ActivationCode::kGelu:
      return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    case ActivationCode::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * std::pow(x, 3))));
    case ActivationCode::kElu:
      return x > 0 ? x : p[0] * (std::exp(x) - 1);
    case ActivationCode::kRelu:
      return x >= p[2] ? p[2] : x >= p[1] ? x : double{p[0]} * (x - p[1]);
    case ActivationCode::kHardSigmoid:
      return std::clamp(double{p[0]} * x + p[1], 0.0, 1.0);
  }
  return NAN;
}

void ReferenceStep(const Spec& spec, std::int64_t age, Values& lane, std::vector<Values>& values) {
  for (const OpSpec& op : spec.ops) {
    const std::size_t units = Index(op.units);
    const Values& x = values[Index(op.input)];
    Values& y = values[Index(op.output)];
    y.assign(units, 0);
    switch (op.code) {
      case OpCode::kLstm:
        Lstm(op, lane, x, y);
        break;
      case OpCode::kDense:
        y = Bias(op, units);
        AddProduct(op.kernel, x, units, y);
        Apply(op.activation, y);
        break;
      case OpCode::kActivation:
        y = x;
        Apply(op.activation, y);
        break;
      case OpCode::kTimeDense:
        AddProduct(op.kernel + age * op.inputs * op.units, x, units, y);
        for (std::size_t i = 0; i < units; ++i) {
          double& acc = lane[Index(op.acc_offset) + i];
          acc += y[i];
          y[i] = acc + (op.bias != nullptr ? op.bias[i] : 0);
        }
        Apply(op.activation, y);
        break;
    }
  }
}

}  // namespace lstmd::test
