#include "reference-activation.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace lstmd::test {

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
    case ActivationCode::kLogSoftmax:
    case ActivationCode::kSparsemax:
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
    case ActivationCode::kMish:
      return x * std::tanh(x > 30 ? x : std::log1p(std::exp(x)));
    case ActivationCode::kLogSigmoid:
      return x < -30 ? x : -std::log1p(std::exp(-x));
    case ActivationCode::kTanhShrink:
      return x - std::tanh(x);
    case ActivationCode::kHardTanh:
      return std::clamp(x, -1.0, 1.0);
    case ActivationCode::kHardSilu:
      return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
    case ActivationCode::kCelu:
      return std::max(0.0, x) + std::min(0.0, p[0] * (std::exp(x / p[0]) - 1));
    case ActivationCode::kHardShrink:
      return x > p[0] || x < -p[0] ? x : 0;
    case ActivationCode::kSoftShrink:
      return std::copysign(std::max(std::fabs(x) - p[0], 0.0), x);
    case ActivationCode::kSparsePlus:
      return x <= -1 ? 0 : x >= 1 ? x : std::pow(x + 1, 2) / 4;
    case ActivationCode::kSquareplus:
      return x > 0 ? (x + std::hypot(x, std::sqrt(p[0]))) / 2
                   : p[0] / 2 / (std::hypot(x, std::sqrt(p[0])) - x);
    case ActivationCode::kAbsolute:
      return std::fabs(x);
    case ActivationCode::kSquare:
      return x * x;
    case ActivationCode::kSquareRoot:
      return std::sqrt(x);
    case ActivationCode::kReciprocal:
      return 1 / x;
    case ActivationCode::kLog:
      return std::log(x);
    case ActivationCode::kLog1p:
      return std::log1p(x);
    case ActivationCode::kExpm1:
      return std::expm1(x);
    case ActivationCode::kSine:
      return std::sin(x);
    case ActivationCode::kCosine:
      return std::cos(x);
    case ActivationCode::kSign:
      return x > 0 ? 1 : x < 0 ? -1 : 0;
    case ActivationCode::kErf:
      return 1 - std::erfc(x);
    case ActivationCode::kPower:
      return std::pow(x, p[0]);
    case ActivationCode::kClip:
      return std::clamp(x, double{p[0]}, double{p[1]});
    case ActivationCode::kAffine:
      return p[0] * x + p[1];
    case ActivationCode::kScaledTanh:
      return p[0] * std::tanh(p[1] * x);
  }
  return NAN;
}

void Activate(const Activation& activation, std::vector<double>& values) {
  if (activation.code == ActivationCode::kSparsemax) {
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end(), std::greater<double>());
    double sum = 0;
    double supported_sum = 0;
    int supported = 0;
    for (std::size_t r = 1; r <= sorted.size(); ++r) {
      sum += sorted[r - 1];
      if (sorted[r - 1] - (sum - 1) / static_cast<double>(r) <= 0) continue;
      supported_sum += sum;
      ++supported;
    }
    for (double& value : values) value = std::max(0.0, value - (supported_sum - 1) / supported);
    return;
  }
  const bool is_log = activation.code == ActivationCode::kLogSoftmax;
  if (!is_log && activation.code != ActivationCode::kSoftmax) {
    for (double& value : values) value = ReferenceActivation(activation, value);
    return;
  }
  const double largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const double value : values) sum += std::exp(value - largest);
  for (double& value : values)
    value = is_log ? value - largest - std::log(sum) : std::exp(value - largest) / sum;
}

}  // namespace lstmd::test
