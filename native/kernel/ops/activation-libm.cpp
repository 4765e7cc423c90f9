#include "ops/activation-libm.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace lstmd {
namespace {

// The digits that Keras has.
constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
constexpr double kSeluScale = 1.0507009873554804934193349852946;

template <typename Function>
void ForEach(float* values, int size, Function function) {
  for (int i = 0; i < size; ++i) values[i] = static_cast<float>(function(double{values[i]}));
}

double Elu(double x, double alpha) { return x > 0 ? x : alpha * std::expm1(x); }

double Softplus(double x) { return std::fmax(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

/// At x = -1e30 the exponential is infinite and the quotient -0, as it should be.
double Silu(double x) { return x / (1.0 + std::exp(-x)); }

double Gelu(double x) { return 0.5 * x * std::erfc(-x * 0.70710678118654752440); }

double GeluTanh(double x) {
  return 0.5 * x * (1.0 + std::tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)));
}

double LogSigmoid(double x) { return -Softplus(-x); }

double Clip(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

double SoftShrink(double x, double threshold) {
  return x > threshold ? x - threshold : x < -threshold ? x + threshold : x != x ? x : 0;
}

double SparsePlus(double x) { return x <= -1 ? 0 : x < 1 ? 0.25 * (x + 1) * (x + 1) : x; }

double LogOfSum(const float* values, int size, double* largest) {
  *largest = values[0];
  for (int i = 1; i < size; ++i) *largest = std::max(*largest, double{values[i]});
  double sum = 0;
  for (int i = 0; i < size; ++i) sum += std::exp(values[i] - *largest);
  return std::log(sum);
}

void Softmax(float* values, int size) {
  double largest = values[0];
  for (int i = 1; i < size; ++i) largest = std::max(largest, double{values[i]});
  double sum = 0;
  for (int i = 0; i < size; ++i) sum += std::exp(values[i] - largest);
  for (int i = 0; i < size; ++i)
    values[i] = static_cast<float>(std::exp(values[i] - largest) / sum);
}

void LogSoftmax(float* values, int size) {
  double largest;
  const double log_of_sum = LogOfSum(values, size, &largest);
  for (int i = 0; i < size; ++i) values[i] = static_cast<float>(values[i] - largest - log_of_sum);
}

/// Sparsemax as Keras computes it: its threshold is made of the sum of the cumulative sums of all
/// supported values, where the paper has the last of these cumulative sums.
void Sparsemax(float* values, int size, float* sorted) {
  std::copy_n(values, size, sorted);
  // std::sort requires an order, and NaN has none: one NaN makes every output NaN.
  if (std::any_of(sorted, sorted + size, [](float x) { return std::isnan(x); })) {
    std::fill_n(values, size, std::nanf(""));
    return;
  }
  std::sort(sorted, sorted + size, std::greater<float>());
  double sum = 0;
  double supported_sum = 0;
  int supported = 0;
  for (int r = 0; r < size; ++r) {
    sum += sorted[r];
    if (sorted[r] - (sum - 1) / (r + 1) <= 0) continue;
    supported_sum += sum;
    ++supported;
  }
  const double threshold = (supported_sum - 1) / supported;
  for (int i = 0; i < size; ++i)
    values[i] = static_cast<float>(std::max(values[i] - threshold, 0.0));
}

}  // namespace

void ApplyByLibm(const Activation& activation, float* values, int size) {
  const double first = activation.parameters[0];
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
      return ForEach(values, size, [first](double x) { return Elu(x, first); });
    case ActivationCode::kCelu:
      return ForEach(values, size,
                     [first](double x) { return x > 0 ? x : first * std::expm1(x / first); });
    case ActivationCode::kLogSoftmax:
      return LogSoftmax(values, size);
    case ActivationCode::kSparsemax:
      return Sparsemax(values, size, activation.scratch);
    case ActivationCode::kMish:
      return ForEach(values, size, [](double x) { return x * std::tanh(Softplus(x)); });
    case ActivationCode::kLogSigmoid:
      return ForEach(values, size, LogSigmoid);
    case ActivationCode::kTanhShrink:
      return ForEach(values, size, [](double x) { return x - std::tanh(x); });
    case ActivationCode::kHardTanh:
      return ForEach(values, size, [](double x) { return Clip(x, -1, 1); });
    case ActivationCode::kHardSilu:
      return ForEach(values, size, [](double x) { return x * Clip(x / 6 + 0.5, 0, 1); });
    case ActivationCode::kHardShrink:
      return ForEach(values, size, [first](double x) { return std::fabs(x) <= first ? 0 : x; });
    case ActivationCode::kSoftShrink:
      return ForEach(values, size, [first](double x) { return SoftShrink(x, first); });
    case ActivationCode::kSparsePlus:
      return ForEach(values, size, SparsePlus);
    case ActivationCode::kSquareplus:
      return ForEach(values, size,
                     [first](double x) { return (x + std::sqrt(x * x + first)) / 2; });
    case ActivationCode::kSquareRoot:
      return ForEach(values, size, [](double x) { return std::sqrt(x); });
    case ActivationCode::kReciprocal:
      return ForEach(values, size, [](double x) { return 1 / x; });
    case ActivationCode::kLog:
      return ForEach(values, size, [](double x) { return std::log(x); });
    case ActivationCode::kLog1p:
      return ForEach(values, size, [](double x) { return std::log1p(x); });
    case ActivationCode::kExpm1:
      return ForEach(values, size, [](double x) { return std::expm1(x); });
    case ActivationCode::kSine:
      return ForEach(values, size, [](double x) { return std::sin(x); });
    case ActivationCode::kCosine:
      return ForEach(values, size, [](double x) { return std::cos(x); });
    case ActivationCode::kSign:
      return ForEach(values, size, [](double x) { return x > 0 ? 1 : x < 0 ? -1 : x; });
    case ActivationCode::kPower:
      return ForEach(values, size, [first](double x) { return std::pow(x, first); });
    case ActivationCode::kErf:
      return ForEach(values, size, [](double x) { return std::erf(x); });
    case ActivationCode::kAbsolute:
    case ActivationCode::kSquare:
    case ActivationCode::kClip:
    case ActivationCode::kAffine:
    case ActivationCode::kScaledTanh:
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
