#include "activation.h"

#include <algorithm>
#include <cmath>

namespace lstmd {
namespace {

// Keras's own digits.
constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
constexpr double kSeluScale = 1.0507009873554804934193349852946;

template <typename Function>
void ForEach(float* values, int size, Function function) {
  for (int i = 0; i < size; ++i) values[i] = static_cast<float>(function(double{values[i]}));
}

double Elu(double x, double alpha) { return x > 0 ? x : alpha * std::expm1(x); }

double Softplus(double x) { return std::fmax(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

/// exp underflows to 0 long before a product with it could matter, so x = -1e30 is no trap.
double Silu(double x) { return x / (1.0 + std::exp(-x)); }

double Gelu(double x) { return 0.5 * x * std::erfc(-x * 0.70710678118654752440); }

double GeluTanh(double x) {
  return 0.5 * x * (1.0 + std::tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)));
}

void Softmax(float* values, int size) {
  double largest = values[0];
  for (int i = 1; i < size; ++i) largest = std::max(largest, double{values[i]});
  double sum = 0;
  for (int i = 0; i < size; ++i) sum += std::exp(values[i] - largest);
  for (int i = 0; i < size; ++i)
    values[i] = static_cast<float>(std::exp(values[i] - largest) / sum);
}

}  // namespace

void ApplyByLibm(const Activation& activation, float* values, int size) {
  switch (activation.code) {
    case ActivationCode::kSoftmax:
      return Softmax(values, size);
    case ActivationCode::kSoftplus:
      return ForEach(values, size, Softplus);
    case ActivationCode::kExponential:
      return ForEach(values, size, [](double x) { return std::exp(x); });
    case ActivationCode::kSelu:
      return ForEach(values, size, [](double x) { return kSeluScale * Elu(x, kSeluAlpha); });
    case ActivationCode::kSilu:
      return ForEach(values, size, Silu);
    case ActivationCode::kGelu:
      return ForEach(values, size, Gelu);
    case ActivationCode::kGeluTanh:
      return ForEach(values, size, GeluTanh);
    case ActivationCode::kElu:
      return ForEach(values, size, [alpha = double{activation.parameters[0]}](double x) {
        return Elu(x, alpha);
      });
    case ActivationCode::kLinear:
    case ActivationCode::kSigmoid:
    case ActivationCode::kTanh:
    case ActivationCode::kSoftsign:
    case ActivationCode::kRelu:
    case ActivationCode::kHardSigmoid:
      return;
  }
}

}  // namespace lstmd
