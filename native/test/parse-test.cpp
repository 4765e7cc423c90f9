// Words and weights come from outside: whatever they hold, the answer is an error or a program.
#include <limits>
#include <string>

#include "builder.h"
#include "test.h"

namespace lstmd::test {
namespace {

Builder Model(Mode mode) {
  Builder builder(3, mode, 5, mode == Mode::kSliding ? 2 : 1);
  builder.Lstm(9, kLeakyRelu, kHardSigmoid);
  builder.Activate({ActivationCode::kElu, {0.7f}});
  builder.Lstm(4);
  if (mode == Mode::kContinuous) {
    builder.Dense(2, kSigmoid);
  } else {
    builder.TimeDense(2, kSigmoid);
  }
  return builder;
}

/// Compiles and, where that succeeds, steps: the sanitizers watch.
std::string Try(const std::vector<std::int32_t>& words, const std::vector<float>& weights) {
  std::string error;
  for (const Target* target : SupportedTargets()) {
    const std::unique_ptr<Program> program = Program::Create(words, weights, *target, &error);
    CHECK((program == nullptr) == !error.empty(), "%s", error.c_str());
    if (program == nullptr) return error;
    constexpr std::size_t kSamples = 8;
    std::vector<float> state(program->state_size());
    std::vector<float> input(kSamples * program->features(), 0.5f);
    std::vector<float> output(kSamples * program->output_size());
    std::vector<std::uint8_t> flags(kSamples);
    program->Step(state.data(), input.data(), kSamples, output.data(), flags.data());
  }
  return error;
}

TEST(ProgramsThatEndTooEarly) {
  const Builder builder = Model(Mode::kSequence);
  const std::vector<std::int32_t> words = builder.Words();
  CHECK(Try(words, builder.Weights()).empty(), "%s", Try(words, builder.Weights()).c_str());
  for (std::size_t length = 0; length < words.size(); ++length) {
    const std::vector<std::int32_t> cut(words.begin(),
                                        words.begin() + static_cast<std::ptrdiff_t>(length));
    CHECK(!Try(cut, builder.Weights()).empty(), "%zu words", length);
  }
  std::vector<std::int32_t> longer = words;
  longer.push_back(0);
  CHECK(!Try(longer, builder.Weights()).empty(), "a word too many");
  std::vector<float> fewer = builder.Weights();
  fewer.resize(fewer.size() - 4);
  CHECK(!Try(words, fewer).empty(), "weights too few");
}

TEST(AnyWordMayBeAnything) {
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
  for (const Mode mode : {Mode::kContinuous, Mode::kSequence, Mode::kSliding}) {
    const Builder builder = Model(mode);
    const std::vector<std::int32_t> words = builder.Words();
    for (std::size_t i = 0; i < words.size(); ++i) {
      for (const std::int32_t value :
           {-kMost - 1, -kMost, -2, -1, 0, 1, 2, 3, 4, 5, 7, 12, 100, 65536, 1 << 20, kMost,
            kMost - 1, words[i] + 1, words[i] - 1}) {
        std::vector<std::int32_t> changed = words;
        changed[i] = value;
        Try(changed, builder.Weights());
      }
    }
  }
}

void CheckError(const std::vector<std::int32_t>& words, const std::vector<float>& weights,
                const char* expected) {
  const std::string error = Try(words, weights);
  CHECK(error.find(expected) != std::string::npos, "\"%s\" does not say \"%s\"", error.c_str(),
        expected);
}

TEST(FaultsAreNamed) {
  Builder lstm(3);
  lstm.Lstm(4);
  std::vector<float> weights = lstm.Weights();
  const std::vector<std::int32_t> words = lstm.Words();
  const std::size_t op = 15;  // After 12 words of header, 2 value sizes and 1 output.
  auto changed = [&words](std::size_t at, std::int32_t value) {
    std::vector<std::int32_t> copy = words;
    copy[at] = value;
    return copy;
  };
  CheckError(changed(0, 1), weights, "magic");
  CheckError(changed(1, 2), weights, "version");
  CheckError(changed(2, 3), weights, "mode 3");
  CheckError(changed(5, 2), weights, "lanes");
  CheckError(changed(12, 2), weights, "value 0");
  CheckError(changed(14, 2), weights, "output value 2");
  CheckError(changed(op, 5), weights, "code 5");
  CheckError(changed(op + 1, 14), weights, "count of words");
  CheckError(changed(op + 2, 1), weights, "before it is written");
  CheckError(changed(op + 3, 0), weights, "already written");
  CheckError(changed(op + 4, -1), weights, "kernel outside");
  CheckError(changed(op + 5, static_cast<std::int32_t>(weights.size())), weights,
             "recurrent kernel outside");
  CheckError(changed(op + 7, 3), weights, "softmax");
  CheckError(changed(op + 11, 4), weights, "overlap");
  CheckError(changed(op + 11, 5), weights, "hOffset 5");
  weights[7] = std::numeric_limits<float>::quiet_NaN();
  CheckError(words, weights, "not a finite number");
  weights[7] = std::numeric_limits<float>::max();
  CheckError(words, weights, "too large for float32");
}

TEST(AWeightCountThatOverflows) {
  Builder builder(1, Mode::kSequence, 1);
  builder.TimeDense(1, kSigmoid);
  std::vector<std::int32_t> words = builder.Words();
  words[3] = words[6] = kSeenLimit;                        // Window and warm-up.
  words[7] = words[12] = words[13] = words[11] = 1 << 20;  // Both values and the state.
  CheckError(words, builder.Weights(), "kernel outside");
}

TEST(LanesCoverAWindow) {
  const Builder builder = Model(Mode::kSliding);
  std::vector<std::int32_t> words = builder.Words();
  words[5] = 2;
  CheckError(words, builder.Weights(), "too few lanes");
}

TEST(SumsOverTimeNeedAWindow) {
  Builder builder(3);
  builder.TimeDense(1, kSigmoid);
  CheckError(builder.Words(), builder.Weights(), "continuous has none");
}

}  // namespace
}  // namespace lstmd::test
