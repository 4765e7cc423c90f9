// Programs beyond their arithmetic: header, modes, lanes, flags, blocks, memory.
#include <cmath>
#include <cstring>
#include <limits>

#include "models.h"
#include "test.h"

// The library of the sanitizers has it; without them it is null.
extern "C" [[gnu::weak]] int __sanitizer_install_malloc_and_free_hooks(
    void (*on_malloc)(const volatile void*, std::size_t), void (*on_free)(const volatile void*));

namespace lstmd::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Run {
  std::vector<float> state;
  std::vector<float> output;
  std::vector<std::uint8_t> flags;

  explicit Run(const Program& program, std::size_t samples)
      : state(program.state_size()),
        output(samples * program.output_size(), kNan),
        flags(samples, 255) {}

  bool operator==(const Run& other) const {
    return Same(state, other.state) && Same(output, other.output) && flags == other.flags;
  }

  /// Compares bits, so that -0 is not 0.
  static bool Same(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
  }
};

/// Steps `input` in blocks of `block` samples, each with a new Program.
Run Steps(const Builder& builder, const Target& target, const std::vector<float>& input,
          std::size_t block) {
  std::unique_ptr<Program> program = builder.Build(target);
  const std::size_t samples = input.size() / program->features();
  Run run(*program, samples);
  for (std::size_t at = 0; at < samples; at += block) {
    const std::size_t count = std::min(block, samples - at);
    program = builder.Build(target);
    CHECK(program->Step(run.state.data(), input.data() + at * program->features(), count,
                        run.output.data() + at * program->output_size(), run.flags.data() + at),
          "at %zu", at);
  }
  return run;
}

Builder Model(Mode mode, int window, int stride) {
  Builder builder(3, mode, window, stride);
  builder.Lstm(13);
  builder.Activate(kLeakyRelu);
  builder.Lstm(5);
  if (mode == Mode::kContinuous) {
    builder.Dense(2, kSigmoid);
  } else {
    builder.TimeDense(2, kSigmoid);
  }
  return builder;
}

TEST(BlocksOfAnySizeGiveTheSameBits) {
  std::mt19937 random(3);
  std::vector<float> input = RandomFloats(random, 3 * 101, 3);
  input[3 * 40 + 1] = kNan;
  for (const Target* target : SupportedTargets()) {
    for (const Builder& builder :
         {Model(Mode::kContinuous, 1, 1), Model(Mode::kSequence, 7, 1), Model(Mode::kSliding, 7, 1),
          Model(Mode::kSliding, 7, 3), Model(Mode::kSliding, 7, 7), Model(Mode::kSliding, 7, 9),
          EverythingBySteps(Mode::kSequence), EverythingBySteps(Mode::kSliding),
          EverythingByWindows()}) {
      const Run whole = Steps(builder, *target, input, 101);
      for (const std::size_t block : {1, 2, 3, 16, 64})
        CHECK(Steps(builder, *target, input, block) == whole, "%s, blocks of %zu", target->name,
              block);
    }
  }
}

/// Each of many streams equals the same stream on its own, whatever its phase, the other streams,
/// and which of these are refused or reset.
TEST(ManyStreamsGiveTheBitsOfEachAlone) {
  constexpr std::size_t kSteps = 17;
  for (const Target* target : SupportedTargets()) {
    for (const Builder& builder :
         {Model(Mode::kContinuous, 1, 1), Model(Mode::kSequence, 7, 1), Model(Mode::kSliding, 7, 3),
          Model(Mode::kSliding, 7, 7), Model(Mode::kSliding, 7, 9),
          EverythingBySteps(Mode::kContinuous), EverythingBySteps(Mode::kSequence),
          EverythingBySteps(Mode::kSliding), EverythingByWindows()}) {
      const std::unique_ptr<Program> program = builder.Build(*target);
      for (const std::size_t streams : {1, 2, 3, 5, 24, 25, 64}) {
        std::mt19937 random(static_cast<unsigned>(streams));
        Run batch(*program, streams);
        batch.state.resize(streams * program->state_size());
        // Each stream is at another phase.
        for (std::size_t stream = 0; stream < streams; ++stream) {
          const std::vector<float> before = RandomFloats(random, 3 * 11, 3);
          Run run(*program, 11);
          program->Step(&batch.state[stream * program->state_size()], before.data(), stream % 12,
                        run.output.data(), run.flags.data());
        }
        std::vector<float> alone = batch.state;
        for (std::size_t step = 0; step < kSteps; ++step) {
          std::vector<float> input = RandomFloats(random, 3 * streams, 3);
          input[step % streams * 3] = kNan;
          if (step == 5) alone.back() = batch.state.back() = 1e30f;
          CHECK(program->StepMany(batch.state.data(), input.data(), streams, batch.output.data(),
                                  batch.flags.data()),
                "%s", target->name);
          for (std::size_t stream = 0; stream < streams; ++stream) {
            Run run(*program, 1);
            program->Step(&alone[stream * program->state_size()], &input[3 * stream], 1,
                          run.output.data(), run.flags.data());
            CHECK(run.flags[0] == batch.flags[stream], "%s: stream %zu of %zu: flags %d, not %d",
                  target->name, stream, streams, batch.flags[stream], run.flags[0]);
            CHECK(std::memcmp(run.output.data(), &batch.output[stream * program->output_size()],
                              run.output.size() * sizeof(float)) == 0,
                  "%s: output of stream %zu of %zu", target->name, stream, streams);
          }
          CHECK(Run::Same(alone, batch.state), "%s: states of %zu", target->name, streams);
        }
      }
    }
  }
}

/// The same holds for layers of many sizes and formats, whose lanes fill tiles or do not.
TEST(LanesGiveTheBitsOfEachAlone) {
  std::mt19937 random(11);
  for (const Target* target : SupportedTargets()) {
    for (const int units : {1, 4, 5, 8, 15, 16, 17, 24, 31, 32, 33, 40, 70, 130}) {
      Builder builder(2);
      builder.Lstm(units);
      builder.Lstm(units, kLeakyRelu, kHardSigmoid);
      builder.Gru(units, true);
      builder.Gru(units, true, kLeakyRelu);
      builder.Gru(units, false);
      builder.SimpleRnn(units);
      builder.Conv(units, {2, 1, 1, 1}, 1, kTanh);
      builder.Dense(units, kSoftmax);
      builder.RoundWeights(static_cast<WeightFormat>(units % 3));
      const std::unique_ptr<Program> program = builder.Build(*target);
      for (const std::size_t streams : {2, 3, 4, 7, 24}) {
        Run batch(*program, streams);
        batch.state.resize(streams * program->state_size());
        std::vector<float> alone = batch.state;
        for (int step = 0; step < 3; ++step) {
          const std::vector<float> input = RandomFloats(random, 2 * streams, 3);
          program->StepMany(batch.state.data(), input.data(), streams, batch.output.data(),
                            batch.flags.data());
          for (std::size_t stream = 0; stream < streams; ++stream) {
            Run run(*program, 1);
            program->Step(&alone[stream * program->state_size()], &input[2 * stream], 1,
                          run.output.data(), run.flags.data());
            CHECK(std::memcmp(run.output.data(), &batch.output[stream * program->output_size()],
                              run.output.size() * sizeof(float)) == 0,
                  "%s: %d units, stream %zu of %zu", target->name, units, stream, streams);
          }
          CHECK(Run::Same(alone, batch.state), "%s: %d units, states of %zu", target->name, units,
                streams);
        }
      }
    }
  }
}

TEST(ManyStreamsRefuseAGarbageHeaderOfAny) {
  const std::unique_ptr<Program> program =
      Model(Mode::kContinuous, 1, 1).Build(*SupportedTargets()[0]);
  for (std::size_t bad = 0; bad < 3; ++bad) {
    std::vector<float> states(3 * program->state_size());
    states[bad * program->state_size()] = 0.5f;
    const std::vector<float> before = states;
    const std::vector<float> input(9, 1.0f);
    float output[6];
    std::uint8_t flags[3];
    CHECK(!program->StepMany(states.data(), input.data(), 3, output, flags), "%zu", bad);
    CHECK(Run::Same(states, before), "%zu", bad);
  }
}

/// A window that slides equals the same window on its own.
TEST(SlidingEqualsEachWindowAlone) {
  constexpr int kWindow = 7;
  std::mt19937 random(4);
  const std::vector<float> input = RandomFloats(random, 3 * 60, 3);
  for (const Target* target : SupportedTargets()) {
    for (const int stride : {1, 2, 3, 6, 7, 10}) {
      const Run sliding = Steps(Model(Mode::kSliding, kWindow, stride), *target, input, 60);
      for (int i = 0; i < 60; ++i) {
        const int start = i - (kWindow - 1);
        const bool ends = start >= 0 && start % stride == 0;
        const std::size_t at = static_cast<std::size_t>(i);
        CHECK(sliding.flags[at] == (ends ? kFlagOutput | kFlagWarm : 0), "stride %d, sample %d: %d",
              stride, i, sliding.flags[at]);
        if (!ends) {
          CHECK(sliding.output[2 * at] == 0, "sample %d", i);
          continue;
        }
        const std::vector<float> window(input.begin() + 3 * start, input.begin() + 3 * (i + 1));
        const Run alone = Steps(Model(Mode::kSequence, kWindow, 1), *target, window, kWindow);
        CHECK(std::memcmp(&alone.output[2 * (kWindow - 1)], &sliding.output[2 * at],
                          2 * sizeof(float)) == 0,
              "%s, stride %d, sample %d", target->name, stride, i);
      }
    }
  }
}

TEST(SequenceBeginsAnewAfterItsWindow) {
  std::mt19937 random(5);
  const std::vector<float> window = RandomFloats(random, 3 * 7, 3);
  std::vector<float> twice = window;
  twice.insert(twice.end(), window.begin(), window.end());
  for (const Target* target : SupportedTargets()) {
    const Run run = Steps(Model(Mode::kSequence, 7, 1), *target, twice, 14);
    CHECK(std::memcmp(run.output.data(), run.output.data() + 14, 14 * sizeof(float)) == 0, "%s",
          target->name);
    // Only the window's last step is warm, in the second window as in the first.
    for (std::size_t i = 0; i < 14; ++i)
      CHECK(run.flags[i] == (i % 7 == 6 ? kFlagOutput | kFlagWarm : kFlagOutput), "%zu: %d", i,
            run.flags[i]);
  }
}

TEST(ABadSampleIsRefusedAndLeavesTheState) {
  for (const Target* target : SupportedTargets()) {
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
  for (const Target* target : SupportedTargets()) {
    const std::unique_ptr<Program> program = Model(Mode::kContinuous, 1, 1).Build(*target);
    for (const float bad : {kNan, kInfinity, -kInfinity, 1e9f, -1e30f}) {
      // The first and the last value of each tensor; h alone is forgotten in one step if finite.
      for (const std::size_t at : {13, 25, 31, 35}) {
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
  const int counters[] = {0,        conv_count, pool_count, pool_count + 1, pool_count + 2,
                          position, pooled};
  for (const Target* target : SupportedTargets()) {
    const std::unique_ptr<Program> program = builder.Build(*target);
    CHECK(program->state_size() == static_cast<std::size_t>(kStateHeaderSize + pooled + 1), "%zu",
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
  const std::unique_ptr<Program> program =
      Model(Mode::kSliding, 7, 3).Build(*SupportedTargets()[0]);
  for (const float bad : {-1.0f, 0.5f, kNan, kInfinity, 1e20f, -1e20f, 16777216.0f}) {
    for (const std::size_t field : {0, 1}) {
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

/// Stepping takes denormals as zeros; the rest of the process does not.
TEST(TheCallersDenormalsStay) {
  const std::unique_ptr<Program> program =
      Model(Mode::kContinuous, 1, 1).Build(*SupportedTargets()[0]);
  std::vector<float> state(program->state_size());
  const float input[] = {1e-40f, 1, 2};
  float output[2];
  std::uint8_t flags = 0;
  program->Step(state.data(), input, 1, output, &flags);
  volatile float denormal = 1e-40f;
  denormal = denormal * 0.5f;
  CHECK(denormal > 0, "%g", double{denormal});
}

TEST(SeenStopsAtItsLimit) {
  const std::unique_ptr<Program> program =
      Model(Mode::kContinuous, 1, 1).Build(*SupportedTargets()[0]);
  std::vector<float> state(program->state_size());
  state[0] = static_cast<float>(kSeenLimit);
  const float input[] = {0, 1, 2};
  float output[2];
  std::uint8_t flags = 0;
  CHECK(program->Step(state.data(), input, 1, output, &flags), "step");
  CHECK(state[0] == static_cast<float>(kSeenLimit), "seen %g", double{state[0]});
}

std::size_t allocations = 0;
bool is_counting = false;

TEST(AStepAllocatesNothing) {
  if (__sanitizer_install_malloc_and_free_hooks == nullptr) {
    std::printf("  skipped: needs LSTMD_SANITIZE\n");
    return;
  }
  __sanitizer_install_malloc_and_free_hooks(
      [](const volatile void*, std::size_t) {
        if (is_counting) ++allocations;
      },
      [](const volatile void*) {});
  is_counting = true;
  std::vector<int> proof(1);
  is_counting = false;
  CHECK(allocations == 1 && proof.size() == 1, "the hook saw %zu", allocations);
  std::mt19937 random(3);
  const std::vector<float> input = RandomFloats(random, 3 * 50, 3);
  for (const Target* target : SupportedTargets()) {
    for (const Builder& builder : EverythingInAllModes()) {
      const std::unique_ptr<Program> program = builder.Build(*target);
      Run run(*program, 50);
      allocations = 0;
      is_counting = true;
      program->Step(run.state.data(), input.data(), 50, run.output.data(), run.flags.data());
      program->StepMany(run.state.data(), input.data(), 1, run.output.data(), run.flags.data());
      is_counting = false;
      CHECK(allocations == 0, "%s: %zu allocations", target->name, allocations);
    }
  }
}

}  // namespace
}  // namespace lstmd::test
