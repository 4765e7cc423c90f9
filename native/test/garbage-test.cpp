// Samples and states that no sensor and no step gives: refused, or reset.
#include "program-run.h"
#include "tested-targets.h"

namespace lstmd::test {
namespace {

TEST(ABadSampleIsRefusedAndLeavesTheState) {
  for (const Target* target : TestedTargets()) {
    const std::unique_ptr<Program> program = Model(Mode::kContinuous, 1, 1).Build(*target);
    for (const float bad : {kNan, kInfinity, -kInfinity}) {
      std::mt19937 random(6);
      std::vector<float> state = RandomFloats(random, program->state_size(), 1);
      state[0] = 9;
      state[1] = 0;
      const std::vector<float> before = state;
      const float input[] = {0, 1, bad};
      float output[] = {kNan, kNan};
      std::uint8_t flags = 255;
      CHECK(program->Step(state.data(), input, 1, output, &flags), "%s", target->name);
      CHECK(flags == kFlagRefused && output[0] == 0 && output[1] == 0, "flags %d", flags);
      CHECK(Run::Same(state, before), "%s", target->name);
    }
  }
}

TEST(AnExplodedStateIsReset) {
  for (const Target* target : TestedTargets()) {
    const std::unique_ptr<Program> program = Model(Mode::kContinuous, 1, 1).Build(*target);
    for (const float bad : {kNan, kInfinity, -kInfinity, 1e9f, -1e30f}) {
      // The first and the last value of each tensor; h alone is forgotten in one step if finite.
      for (const std::size_t at : {13u, 25u, 31u, 35u}) {
        std::vector<float> state(program->state_size());
        state[0] = 9;
        state[kStateHeaderSize + at] = bad;
        const float input[] = {0, 1, 2, 0, 1, 2};
        float output[] = {kNan, kNan, kNan, kNan};
        std::uint8_t flags[] = {255, 255};
        CHECK(program->Step(state.data(), input, 2, output, flags), "%s", target->name);
        CHECK(flags[0] == kFlagReset && output[0] == 0 && output[1] == 0, "%s: flags %d, %zu %g",
              target->name, flags[0], at, double{bad});
        CHECK(state[0] == 1 && (flags[1] & kFlagOutput) != 0, "seen %g", double{state[0]});
      }
    }
    // NaN in h reaches every gate, and must not be clamped away.
    std::vector<float> state(program->state_size());
    state[kStateHeaderSize] = kNan;
    const float input[] = {0, 1, 2};
    float output[2];
    std::uint8_t flags = 0;
    program->Step(state.data(), input, 1, output, &flags);
    CHECK(flags == kFlagReset && state[0] == 0, "%s: flags %d", target->name, flags);
  }
}

/// Counters decide where memory is read, so one that no step leaves is never used.
TEST(AGarbageCounterResetsTheState) {
  Builder builder(3, Mode::kContinuous, 5);
  builder.Prelu(5);
  builder.Conv(2, {2, 3, 1, 0}, 1, kTanh);
  const int conv_count = 1 + 3;
  builder.Pool(PoolCode::kMaximum, {2, 1, 1, 1});
  const int pool_count = conv_count + 1 + 2;
  builder.Skip(2);
  builder.TimeDense(2, kTanh);
  const int position = pool_count + 3 + 2;
  builder.GlobalPool(PoolCode::kAverage);
  const int pooled = position + 1 + 2;
  builder.BeginStates(2, position - 2);
  const int begun = pooled + 1;
  const int counters[] = {0,        conv_count, pool_count, pool_count + 1, pool_count + 2,
                          position, pooled,     begun};
  for (const Target* target : TestedTargets()) {
    const std::unique_ptr<Program> program = builder.Build(*target);
    CHECK(program->state_size() == static_cast<std::size_t>(kStateHeaderSize + begun + 1), "%zu",
          program->state_size());
    // Steps until all values have been fresh, and on to a step at which the convolution is.
    Run run(*program, 18);
    const std::vector<float> input(3 * 18, 0.5f);
    CHECK(program->Step(run.state.data(), input.data(), 18, run.output.data(), run.flags.data()),
          "step");
    CHECK(run.flags[16] == (kFlagOutput | kFlagWarm), "flags %d", run.flags[16]);
    while (run.state[static_cast<std::size_t>(kStateHeaderSize + conv_count)] != 1)
      program->Step(run.state.data(), input.data(), 1, run.output.data(), run.flags.data());
    for (const int counter : counters) {
      for (const float bad : {kNan, -1.0f, 0.5f, 20000000.0f, 1e30f, -kInfinity}) {
        std::vector<float> state = run.state;
        state[static_cast<std::size_t>(kStateHeaderSize + counter)] = bad;
        std::uint8_t flags = 0;
        CHECK(program->Step(state.data(), input.data(), 1, run.output.data(), &flags), "step");
        CHECK(flags == kFlagReset, "%s: counter at %d, %g: flags %d", target->name, counter,
              double{bad}, flags);
      }
    }
  }
}

TEST(AGarbageHeaderIsRefused) {
  const std::unique_ptr<Program> program = Model(Mode::kSliding, 7, 3).Build(*TestedTargets()[0]);
  for (const float bad : {-1.0f, 0.5f, kNan, kInfinity, 1e20f, -1e20f, 16777216.0f}) {
    for (const std::size_t field : {0u, 1u}) {
      std::vector<float> state(program->state_size());
      state[field] = bad;
      const float input[] = {0, 1, 2};
      float output[2];
      std::uint8_t flags = 0;
      CHECK(!program->Step(state.data(), input, 1, output, &flags), "%g", double{bad});
    }
  }
  std::vector<float> state(program->state_size());
  state[1] = 9;  // 3 lanes of stride 3: phases 0 to 8
  float output[2];
  const float input[] = {0, 1, 2};
  std::uint8_t flags = 0;
  CHECK(!program->Step(state.data(), input, 1, output, &flags), "phase 9");
}

}  // namespace
}  // namespace lstmd::test
