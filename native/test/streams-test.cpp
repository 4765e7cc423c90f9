// Many streams in one call: to the bits of each alone.
#include "program-run.h"
#include "tested-targets.h"

namespace lstmd::test {
namespace {

/// Each of many streams equals the same stream on its own, whatever its phase, the other streams,
/// and which of these are refused or reset. Under emulation, up to one more than step together.
TEST(ManyStreamsGiveTheBitsOfEachAlone) {
  constexpr std::size_t kSteps = 17;
  for (const Target* target : TestedTargets()) {
    for (const Builder& builder :
         {Model(Mode::kContinuous, 1, 1), Model(Mode::kSequence, 7, 1), Model(Mode::kSliding, 7, 3),
          Model(Mode::kSliding, 7, 7), Model(Mode::kSliding, 7, 9),
          EverythingBySteps(Mode::kContinuous), EverythingBySteps(Mode::kSequence),
          EverythingBySteps(Mode::kSliding), EverythingByWindows()}) {
      const std::unique_ptr<Program> program = builder.Build(*target);
      for (const std::size_t streams : {1u, 2u, 3u, 5u, 24u, 25u, 64u}) {
        if (IsEmulated() && streams > kMaxGroup + 1) break;
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

/// The same holds for layers of many sizes and formats, whose lanes fill tiles or do not. Under
/// emulation no size is far above the four elements of a vector.
TEST(LanesGiveTheBitsOfEachAlone) {
  std::mt19937 random(11);
  for (const Target* target : TestedTargets()) {
    for (const int units : {1, 4, 5, 8, 15, 16, 17, 24, 31, 32, 33, 40, 70, 130}) {
      if (IsEmulated() && units > 24) break;
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
      for (const std::size_t streams : {2u, 3u, 4u, 7u, 24u}) {
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
      Model(Mode::kContinuous, 1, 1).Build(*TestedTargets()[0]);
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

}  // namespace
}  // namespace lstmd::test
