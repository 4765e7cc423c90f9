// Programs beyond their arithmetic: modes, lanes, flags, blocks, memory.
#include <cstring>

#include "program-run.h"
#include "tested-targets.h"

// The library of the sanitizers has it; without them it is null.
extern "C" [[gnu::weak]] int __sanitizer_install_malloc_and_free_hooks(
    void (*on_malloc)(const volatile void*, std::size_t), void (*on_free)(const volatile void*));

namespace lstmd::test {
namespace {

TEST(BlocksOfAnySizeGiveTheSameBits) {
  std::mt19937 random(3);
  std::vector<float> input = RandomFloats(random, 3 * 101, 3);
  input[3 * 40 + 1] = kNan;
  for (const Target* target : TestedTargets()) {
    for (const Builder& builder :
         {Model(Mode::kContinuous, 1, 1), Model(Mode::kSequence, 7, 1), Model(Mode::kSliding, 7, 1),
          Model(Mode::kSliding, 7, 3), Model(Mode::kSliding, 7, 7), Model(Mode::kSliding, 7, 9),
          EverythingBySteps(Mode::kSequence), EverythingBySteps(Mode::kSliding),
          EverythingByWindows()}) {
      const Run whole = Steps(builder, *target, input, 101);
      for (const std::size_t block : {1u, 2u, 3u, 16u, 64u})
        CHECK(Steps(builder, *target, input, block) == whole, "%s, blocks of %zu", target->name,
              block);
    }
  }
}

/// Samples of one plain lane are stepped an operation after the other, and yet to the same bits:
/// also where a state is beyond its bounds at one of them, and within them again at the last.
TEST(RunsOfAPlainProgramGiveTheSameBits) {
  std::mt19937 random(5);
  std::vector<float> input = RandomFloats(random, 3 * 101, 3);
  float spike = 1e7f;
  for (const std::size_t at : {1u, 9u, 17u, 33u, 49u, 65u, 66u, 88u}) input[3 * at] = spike *= 5;
  for (const std::size_t at : {20u, 55u, 80u}) input[3 * at + 1] = kNan;
  Builder fading(3, Mode::kContinuous);
  fading.SimpleRnn(1, kLinear);
  fading.Dense(1, kSigmoid);
  Builder layered(3, Mode::kContinuous);
  layered.Lstm(13, kLeakyRelu);
  layered.SimpleRnn(6, kLinear);
  layered.Lstm(5);
  layered.Dense(2, kSigmoid);
  Builder bounded(3, Mode::kContinuous);
  bounded.SimpleRnn(4);
  bounded.Dense(1, kLinear);
  for (const Target* target : TestedTargets()) {
    for (const Builder& builder : {fading, layered, bounded}) {
      const Run single = Steps(builder, *target, input, 1);
      const auto count = [&single](int flag) {
        return std::count(single.flags.begin(), single.flags.end(), flag);
      };
      CHECK(count(kFlagRefused) == 3, "refused");
      for (const std::size_t block : {2u, 7u, 8u, 9u, 16u, 101u})
        CHECK(Steps(builder, *target, input, block) == single, "%s, blocks of %zu", target->name,
              block);
    }
  }
}

/// A window that slides equals the same window on its own.
TEST(SlidingEqualsEachWindowAlone) {
  constexpr int kWindow = 7;
  std::mt19937 random(4);
  const std::vector<float> input = RandomFloats(random, 3 * 60, 3);
  for (const Target* target : TestedTargets()) {
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
  for (const Target* target : TestedTargets()) {
    const Run run = Steps(Model(Mode::kSequence, 7, 1), *target, twice, 14);
    CHECK(std::memcmp(run.output.data(), run.output.data() + 14, 14 * sizeof(float)) == 0, "%s",
          target->name);
    // Only the window's last step is warm, in the second window as in the first.
    for (std::size_t i = 0; i < 14; ++i)
      CHECK(run.flags[i] == (i % 7 == 6 ? kFlagOutput | kFlagWarm : kFlagOutput), "%zu: %d", i,
            run.flags[i]);
  }
}

/// Stepping takes denormals as zeros; the rest of the process does not.
TEST(TheCallersDenormalsStay) {
  const std::unique_ptr<Program> program =
      Model(Mode::kContinuous, 1, 1).Build(*TestedTargets()[0]);
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
      Model(Mode::kContinuous, 1, 1).Build(*TestedTargets()[0]);
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
  for (const Target* target : TestedTargets()) {
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
