#include "untrusted.h"

#include <limits>

#include "builder.h"
#include "test.h"

namespace lstmd::test {

std::string StepUntrusted(const std::vector<std::int32_t>& words, const std::vector<float>& weights,
                          std::span<const Target* const> targets) {
  constexpr std::size_t kMostFloats = std::size_t{1} << 24;
  constexpr std::size_t kSamples = 8;
  constexpr float kMax = std::numeric_limits<float>::max();
  constexpr float kGarbage[] = {kInfinity, -1,   1e9f,  0.5f,
                                3,         kMax, -kMax, std::numeric_limits<float>::quiet_NaN()};
  std::string error;
  for (const Target* target : targets) {
    const std::unique_ptr<Program> program =
        Program::Create(words, Weights(std::span(weights)), *target, &error);
    CHECK((program == nullptr) == !error.empty(), "%s", error.c_str());
    if (program == nullptr) return error;
    if (program->state_size() > kMostFloats) return error;
    std::vector<float> input(kSamples * program->features(), 0.5f);
    std::vector<float> output(kSamples * program->output_size());
    std::vector<std::uint8_t> flags(kSamples);
    std::vector<float> state(program->state_size());
    program->Step(state.data(), input.data(), kSamples, output.data(), flags.data());
    if (kSamples * state.size() <= kMostFloats) {
      std::vector<float> states(kSamples * state.size());
      for (int times = 0; times < 2; ++times)
        program->StepMany(states.data(), input.data(), kSamples, output.data(), flags.data());
    }
    for (std::size_t i = 0; i < state.size(); ++i) state[i] = kGarbage[(i * 7 + words.size()) % 8];
    state[0] = 5;
    state[1] = 0;
    program->Step(state.data(), input.data(), kSamples, output.data(), flags.data());
  }
  return error;
}

}  // namespace lstmd::test
