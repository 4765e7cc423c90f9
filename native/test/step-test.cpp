// One step from the same state against float64, at every size around the vector widths.
#include <cmath>
#include <iterator>

#include "builder.h"
#include "reference.h"
#include "test.h"
#include "tested-targets.h"

namespace lstmd::test {
namespace {

void CheckNear(const Target& target, const char* what, int size, int inputs, double found,
               double expected) {
  CHECK(std::fabs(found - expected) <= 1e-6 * std::fmax(1, std::fabs(expected)),
        "%s: %s of %d from %d: %.9g, not %.9g", target.name, what, size, inputs, found, expected);
}

/// Steps once from a random state, zeroed where a window begins, on every target, and compares
/// state and output.
void CheckStep(const Builder& builder, const char* what, int size, int inputs,
               const std::vector<float>& x, float state_scale = 1.5f) {
  const Spec spec = builder.Parsed();
  std::mt19937 random(static_cast<unsigned>(size * 100 + inputs));
  const auto lane_size = static_cast<std::size_t>(spec.lane_state_size);
  const std::vector<float> before = RandomFloats(random, kStateHeaderSize + lane_size, state_scale);
  std::vector<double> lane(before.begin() + kStateHeaderSize, before.end());
  if (spec.mode != Mode::kContinuous) lane.assign(lane.size(), 0);
  std::vector<ReferenceValue> values(spec.values.size());
  values[0] = {{x.begin(), x.end()}, true};
  ReferenceStep(spec, lane, values);

  for (const Target* target : TestedTargets()) {
    const std::unique_ptr<Program> program = builder.Build(*target);
    CHECK(program->state_size() == before.size(), "%zu", program->state_size());
    std::vector<float> state = before;
    state[0] = 5;
    state[1] = 0;
    std::vector<float> y(program->output_size());
    std::uint8_t flags = 0;
    CHECK(program->Step(state.data(), x.data(), 1, y.data(), &flags), "%s", what);
    CHECK((flags & kFlagOutput) != 0, "%s: flags %d", what, flags);
    for (std::size_t i = 0; i < lane.size(); ++i)
      CheckNear(*target, what, size, inputs, state[kStateHeaderSize + i], lane[i]);
    for (std::size_t i = 0; i < y.size(); ++i)
      CheckNear(*target, what, size, inputs, y[i], values.back().floats[i]);
  }
}

void CheckStep(const Builder& builder, const char* what, int size, int inputs) {
  std::mt19937 random(static_cast<unsigned>(size));
  CheckStep(builder, what, size, inputs, RandomFloats(random, static_cast<std::size_t>(inputs), 2));
}

const int kInputs[] = {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 33, 70};

/// The part of the sizes with which an input runs where not all do.
enum class Part {
  /// A size meets every fourth input, and the sizes of one remainder of 16, the widest vector, meet
  /// all of them: tails of the units are beside all tails of the inputs. Under emulation it is the
  /// other part.
  kEveryTail,
  /// A size meets one of the twelve inputs: for what differs in its arithmetic from a layer of the
  /// other part, and not in its loops. The sizes of one remainder of 4 meet all inputs.
  kEverySize,
};

bool IsOf(Part part, int size, std::size_t input) {
  if (IsLong()) return true;
  if (part == Part::kEverySize || IsEmulated())
    return static_cast<int>(input) == (size + size / 12) % 12;
  constexpr int kPeriod = 4;
  return static_cast<int>(input) % kPeriod == (size + size / 16) % kPeriod;
}

/// Sizes whose weights fill a level of the caches or just do not.
const int kLargeSizes[] = {127, 128, 129, 257, 512};

template <typename Add>
void CheckSizes(const char* what, Mode mode, Add add, Part part = Part::kEveryTail) {
  for (int size = 1; size <= 70; ++size) {
    for (std::size_t i = 0; i < std::size(kInputs); ++i) {
      if (!IsOf(part, size, i)) continue;
      const int inputs = kInputs[i];
      Builder builder(inputs, mode, mode == Mode::kContinuous ? 1 : 3);
      add(builder, size);
      CheckStep(builder, what, size, inputs);
    }
  }
}

template <typename Add>
void CheckVariant(const char* what, Add add) {
  CheckSizes(what, Mode::kContinuous, add, Part::kEverySize);
}

TEST(LargeLayers) {
  for (const int size : kLargeSizes) {
    const auto check = [size](const char* what, auto add) {
      Builder builder(3);
      add(builder);
      // A state as tanh leaves it: sums of float32 as long as these have no accuracy to spare.
      CheckStep(builder, what, size, 3, {0.5f, -2, 1}, 1);
    };
    check("lstm", [size](Builder& b) { b.Lstm(size); });
    check("gru", [size](Builder& b) { b.Gru(size, true); });
    check("gru before", [size](Builder& b) { b.Gru(size, false); });
    // Without gates that dampen it, a sum of 500 in float32 is 1.1e-6 off by itself.
    if (size < 500) check("simple rnn", [size](Builder& b) { b.SimpleRnn(size); });
    check("dense", [size](Builder& b) { b.Dense(size, kSigmoid); });
  }
}

TEST(LstmOfEverySize) {
  CheckSizes("lstm", Mode::kContinuous, [](Builder& b, int size) { b.Lstm(size); });
  CheckSizes("lstm without bias", Mode::kContinuous,
             [](Builder& b, int size) { b.Lstm(size, kTanh, kSigmoid, false); });
}

TEST(LstmWithOtherActivations) {
  CheckVariant("relu lstm", [](Builder& b, int size) { b.Lstm(size, kLeakyRelu, kHardSigmoid); });
  CheckVariant("lstm with hard sigmoid",
               [](Builder& b, int size) { b.Lstm(size, kTanh, kHardSigmoid); });
  CheckVariant("softsign lstm", [](Builder& b, int size) {
    b.Lstm(size, {ActivationCode::kSoftsign, {}, nullptr}, kSigmoid);
  });
}

TEST(CellsWithWhatFewModelsHave) {
  const auto check = [](const char* what, const CellOptions& options, Activation activation,
                        Activation recurrent) {
    CheckVariant(what, [&](Builder& b, int size) {
      b.SetCells(options);
      b.Lstm(size, activation, recurrent);
    });
  };
  check("clipped lstm with peepholes", {0.7f, true, false, kLinear}, kTanh, kSigmoid);
  check("coupled lstm with two functions", {kInfinity, true, true, kHardSigmoid}, kLeakyRelu,
        kSigmoid);
  for (const bool reset_after : {false, true})
    CheckVariant("clipped gru", [reset_after](Builder& b, int size) {
      b.SetCells({.clip = 0.4f});
      b.Gru(size, reset_after);
    });
  CheckVariant("clipped rnn", [](Builder& b, int size) {
    b.SetCells({.clip = 0.4f});
    b.SimpleRnn(size);
  });
}

TEST(GruOfEverySize) {
  for (const bool reset_after : {false, true}) {
    CheckSizes("gru", Mode::kContinuous,
               [reset_after](Builder& b, int size) { b.Gru(size, reset_after); });
    CheckSizes("gru without bias", Mode::kContinuous, [reset_after](Builder& b, int size) {
      b.Gru(size, reset_after, kTanh, kSigmoid, false);
    });
    CheckVariant("gru with hard sigmoid", [reset_after](Builder& b, int size) {
      b.Gru(size, reset_after, kTanh, kHardSigmoid);
    });
    CheckVariant("relu gru", [reset_after](Builder& b, int size) {
      b.Gru(size, reset_after, kLeakyRelu, kSigmoid);
    });
  }
}

TEST(SimpleRnnOfEverySize) {
  CheckSizes("simple rnn", Mode::kContinuous, [](Builder& b, int size) { b.SimpleRnn(size); });
  CheckVariant("relu rnn", [](Builder& b, int size) { b.SimpleRnn(size, kLeakyRelu, false); });
}

/// An activation over a whole value is over the units of one gate.
TEST(SoftmaxInsideCells) {
  for (const Activation& activation : {kSoftmax, kSparsemax}) {
    CheckVariant("lstm",
                 [&activation](Builder& b, int size) { b.Lstm(size, activation, kSoftmax); });
    CheckVariant("gru", [&activation](Builder& b, int size) {
      b.Gru(size, size % 2 == 0, kTanh, activation);
    });
    CheckVariant("simple rnn",
                 [&activation](Builder& b, int size) { b.SimpleRnn(size, activation); });
  }
}

/// All gates open or shut at once: no product of their exponentials may overflow.
TEST(SaturatedGates) {
  for (const float large : {50.0f, -50.0f, 1e4f, -1e30f}) {
    Builder builder(1);
    builder.Lstm(33);
    CheckStep(builder, "saturated lstm", 33, 1, {large});
    for (const bool reset_after : {false, true}) {
      Builder gru(1);
      gru.Gru(33, reset_after);
      CheckStep(gru, "saturated gru", 33, 1, {large});
    }
  }
}

/// An infinite sum in an unused element of a vector must not reach the elements that are used.
TEST(InfinityStaysInItsPlace) {
  Builder builder(40);
  builder.Dense(1, kLinear, false);
  std::vector<float> x;
  for (std::size_t i = 0; i < 40; ++i) x.push_back(std::copysign(3e38f, builder.Weights()[i]));
  builder.Dense(5, kTanh, false);
  builder.Dense(1, kLinear);
  CheckStep(builder, "infinity", 1, 40, x);
}

TEST(DenseOfEverySize) {
  CheckSizes("dense", Mode::kContinuous, [](Builder& b, int size) { b.Dense(size, kRelu6); });
  CheckSizes("softmax", Mode::kContinuous,
             [](Builder& b, int size) { b.Dense(size, kSoftmax, false); });
  Builder builder(5);
  builder.Dense(300, kSigmoid);
  CheckStep(builder, "dense", 300, 5);
}

TEST(TimeDenseOfEverySize) {
  CheckSizes("time dense", Mode::kSequence,
             [](Builder& b, int size) { b.TimeDense(size, kSigmoid); });
}

TEST(LayersOneAfterTheOther) {
  CheckSizes("layers", Mode::kSequence, [](Builder& b, int size) {
    b.Lstm(size);
    b.Activate(kLeakyRelu);
    b.Lstm(71 - size);
    b.Dense(size, {ActivationCode::kGelu, {}, nullptr});
    b.TimeDense(2, kSigmoid, false);
  });
}

/// Weights in the smaller formats, against the same rounded weights in float64.
TEST(SmallWeightsOfEverySize) {
  for (const WeightFormat format : {WeightFormat::kBfloat16, WeightFormat::kInt8}) {
    const auto check = [format](const char* what, auto add, Part part = Part::kEveryTail) {
      const auto add_small = [format, add](Builder& builder, int size) {
        add(builder, size);
        builder.RoundWeights(format);
      };
      CheckSizes(what, Mode::kContinuous, add_small, part);
    };
    check("small lstm", [](Builder& b, int size) { b.Lstm(size); });
    check(
        "small relu lstm", [](Builder& b, int size) { b.Lstm(size, kLeakyRelu, kHardSigmoid); },
        Part::kEverySize);
    check("small gru", [](Builder& b, int size) { b.Gru(size, true); });
    check(
        "small relu gru", [](Builder& b, int size) { b.Gru(size, true, kLeakyRelu); },
        Part::kEverySize);
    check("small gru before", [](Builder& b, int size) { b.Gru(size, false); });
    check("small rnn", [](Builder& b, int size) { b.SimpleRnn(size); });
    check("small dense", [](Builder& b, int size) { b.Dense(size, kRelu6); });
  }
}

TEST(SmallWeightsOfLargeLayers) {
  for (const WeightFormat format : {WeightFormat::kBfloat16, WeightFormat::kInt8}) {
    for (const int size : {127, 128, 129, 255, 256, 257, 512}) {
      Builder builder(3);
      builder.Lstm(size);
      builder.RoundWeights(format);
      CheckStep(builder, "large small lstm", size, 3);
    }
  }
}

/// Weights so small that their scale would be a denormal, and weights of zero.
TEST(WeightsAroundZero) {
  for (const Target* target : TestedTargets()) {
    for (const float weight : {0.0f, 1e-37f, -1e-45f}) {
      Builder builder(2);
      builder.Dense(20, kLinear, false);
      builder.FillWeights(weight);
      builder.SetWeightFormat(WeightFormat::kInt8);
      const std::unique_ptr<Program> program = builder.Build(*target);
      std::vector<float> state(program->state_size());
      const float x[] = {1, -2};
      std::vector<float> y(20);
      std::uint8_t flags = 0;
      CHECK(program->Step(state.data(), x, 1, y.data(), &flags), "step");
      for (const float value : y)
        CHECK(std::fabs(value) <= 1e-36f, "%s: %g", target->name, double{value});
    }
  }
}

}  // namespace
}  // namespace lstmd::test
