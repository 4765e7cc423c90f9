#include <cmath>
#include <cstring>

#include "builder.h"
#include "reference-activation.h"
#include "test.h"
#include "tested-targets.h"

namespace lstmd::test {
namespace {

/// Every value from `least` to `range` in steps of `step`, through an activation operation.
void Sweep(const Target& target, const Activation& activation, double least, double range,
           double step) {
  constexpr int kSize = 67;
  Builder builder(kSize);
  builder.Activate(activation);
  const std::unique_ptr<Program> program = builder.Build(target);
  std::vector<float> state(program->state_size());
  std::vector<float> x(kSize);
  std::vector<float> y(kSize);
  std::uint8_t flags = 0;
  for (double at = least; at <= range;) {
    for (float& value : x) {
      value = static_cast<float>(at);
      at += step;
    }
    CHECK(program->Step(state.data(), x.data(), 1, y.data(), &flags), "%s", target.name);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double expected = ReferenceActivation(activation, x[i]);
      const double tolerance = 1.5e-7 * std::fmax(1, std::fabs(expected));
      CHECK(std::fabs(y[i] - expected) <= tolerance, "%s: activation %d of %.9g is %.9g, not %.9g",
            target.name, static_cast<int>(activation.code), double{x[i]}, double{y[i]}, expected);
    }
  }
}

/// The same from -`range` on.
void Sweep(const Target& target, const Activation& activation, double range, double step) {
  Sweep(target, activation, -range, range, step);
}

TEST(FunctionsFollowTheirFormulas) {
  for (const Target* target : TestedTargets())
    for (int code = static_cast<int>(ActivationCode::kAbsolute); code < kActivationCodes; ++code) {
      // None of them is finite everywhere, but all are from 0.01 on.
      const Activation function = {static_cast<ActivationCode>(code), {0.5f, 6.0f}, nullptr};
      Sweep(*target, function, 0.01, 12, 0.001);
    }
}

TEST(ActivationsFollowTheirFormulas) {
  for (const Target* target : TestedTargets()) {
    for (int code = 0; code <= static_cast<int>(ActivationCode::kSquareplus); ++code) {
      Activation activation = {static_cast<ActivationCode>(code), {0.3f, 0.5f, 6.0f}, nullptr};
      if (std::isnan(ReferenceActivation(activation, 0))) continue;  // It is over a whole value.
      Sweep(*target, activation, 12, 0.001);
      Sweep(*target, activation, 80, 0.1);
      // Inputs larger than any exponent saturate, and do not wrap around.
      if (activation.code != ActivationCode::kExponential) Sweep(*target, activation, 1e30, 1e28);
    }
    Sweep(*target, kLeakyRelu, 100, 0.01);
  }
}

TEST(SoftmaxSumsToOne) {
  for (const Target* target : TestedTargets()) {
    for (int size = 1; size <= 40; ++size) {
      Builder builder(size);
      builder.Activate(kSoftmax);
      const std::unique_ptr<Program> program = builder.Build(*target);
      std::vector<float> state(program->state_size());
      std::vector<float> x(static_cast<std::size_t>(size));
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = 900 + static_cast<float>(i % 7);
      std::vector<float> y(x.size());
      std::uint8_t flags = 0;
      program->Step(state.data(), x.data(), 1, y.data(), &flags);
      double sum = 0;
      for (const float p : y) sum += p;
      CHECK(std::fabs(sum - 1) < 1e-6, "%s: %d values sum to %.9g", target->name, size, sum);
    }
  }
}

}  // namespace
}  // namespace lstmd::test
