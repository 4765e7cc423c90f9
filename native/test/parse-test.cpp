// Whatever words and weights hold, the answer is an error or a program.
#include <cstring>
#include <limits>
#include <string>

#include "models.h"
#include "test.h"
#include "tested-targets.h"
#include "untrusted.h"

namespace lstmd::test {
namespace {

/// The targets that step the `count`-th program of many: in turn one for each, because programs are
/// read and refused before the target counts; with LSTMD_LONG all for each.
std::span<const Target* const> TargetsInTurn(std::size_t count) {
  const std::span<const Target* const> targets = TestedTargets();
  return IsLong() ? targets : targets.subspan(count % targets.size(), 1);
}

TEST(ProgramsThatEndTooEarly) {
  const Builder builder = EverythingBySteps(Mode::kSequence);
  const std::vector<std::int32_t> words = builder.Words();
  CHECK(StepUntrusted(words, builder.Weights()).empty(), "%s",
        StepUntrusted(words, builder.Weights()).c_str());
  for (std::size_t length = 0; length < words.size(); ++length) {
    const std::vector<std::int32_t> cut(words.begin(),
                                        words.begin() + static_cast<std::ptrdiff_t>(length));
    CHECK(!StepUntrusted(cut, builder.Weights()).empty(), "%zu words", length);
  }
  std::vector<std::int32_t> longer = words;
  longer.push_back(0);
  CHECK(!StepUntrusted(longer, builder.Weights()).empty(), "a word too many");
  std::vector<float> fewer = builder.Weights();
  fewer.resize(fewer.size() - 4);
  CHECK(!StepUntrusted(words, fewer).empty(), "weights too few");
}

TEST(AnyWordMayBeAnything) {
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
  // The count of values is odd, so that those which a word meets are not those of the next.
  const std::size_t period = IsEmulated() ? 8 : IsLong() ? 1 : 2;
  std::size_t count = 0;
  for (const Builder& builder : EverythingInAllModes()) {
    const std::vector<std::int32_t> words = builder.Words();
    for (std::size_t i = 0; i < words.size(); ++i) {
      for (const std::int32_t value :
           {-kMost - 1, -kMost, -2, -1, 0, 1, 2, 3, 4, 5, 7, 12, 100, 65536, 1 << 20, kMost,
            kMost - 1, words[i] + 1, words[i] - 1}) {
        if (++count % period != 0) continue;
        std::vector<std::int32_t> changed = words;
        changed[i] = value;
        StepUntrusted(changed, builder.Weights(), TargetsInTurn(count / period));
      }
    }
  }
}

TEST(SeveralWordsMayBeAnything) {
  std::mt19937 random(5);
  const std::size_t attempts = IsEmulated() ? 500 : 4000;
  std::size_t compiled = 0;
  for (const Builder& builder : EverythingInAllModes()) {
    const std::vector<std::int32_t> words = builder.Words();
    for (std::size_t attempt = 0; attempt < attempts; ++attempt) {
      std::vector<std::int32_t> changed = words;
      for (auto changes = 1 + random() % 3; changes > 0; --changes) {
        // Half of the words come from elsewhere in the program, because these are refused less
        // often.
        const std::size_t at = random() % words.size();
        const std::size_t from = random() % words.size();
        changed[at] = random() % 2 == 0 ? words[from] : static_cast<std::int32_t>(random() % 16);
      }
      const std::string error = StepUntrusted(changed, builder.Weights(), TargetsInTurn(attempt));
      if (error.empty()) ++compiled;
    }
  }
  CHECK(compiled > attempts / 8, "%zu", compiled);
}

TEST(AnyWeightMayBeAnything) {
  std::mt19937 random(6);
  const std::size_t attempts = IsEmulated() ? 125 : 1000;
  for (const Builder& builder : EverythingInAllModes()) {
    for (std::size_t attempt = 0; attempt < attempts; ++attempt) {
      std::vector<float> weights = builder.Weights();
      for (int changes = 0; changes < 3; ++changes) {
        const std::uint32_t bits = static_cast<std::uint32_t>(random());
        std::memcpy(&weights[random() % weights.size()], &bits, sizeof bits);
      }
      StepUntrusted(builder.Words(), weights, TargetsInTurn(attempt));
    }
  }
}

void CheckError(const std::vector<std::int32_t>& words, const std::vector<float>& weights,
                const char* expected) {
  const std::string error = StepUntrusted(words, weights);
  CHECK(error.find(expected) != std::string::npos, "\"%s\" does not say \"%s\"", error.c_str(),
        expected);
}

TEST(FaultsAreNamed) {
  Builder lstm(3);
  lstm.Lstm(4);
  std::vector<float> weights = lstm.Weights();
  const std::vector<std::int32_t> words = lstm.Words();
  const std::size_t op = 18;  // After 14 words of header, 2 value sizes and 1 output of 2 words.
  auto changed = [&words](std::size_t at, std::int32_t value) {
    std::vector<std::int32_t> copy = words;
    copy[at] = value;
    return copy;
  };
  CheckError(changed(0, 1), weights, "magic");
  CheckError(changed(1, 1), weights, "version");
  CheckError(changed(2, 3), weights, "mode 3");
  CheckError(changed(3, 1), weights, "outside of the sliding mode");
  CheckError(changed(6, 2), weights, "lanes");
  CheckError(changed(13, 3), weights, "weightFormat 3");
  CheckError(changed(14, 2), weights, "value 0");
  CheckError(changed(16, 2), weights, "output value 2");
  const std::string beyond = "code " + std::to_string(kMaxOpCode + 1);
  CheckError(changed(op, kMaxOpCode + 1), weights, beyond.c_str());
  CheckError(changed(op + 1, 15), weights, "count of words");
  CheckError(changed(op + 2, 1), weights, "before it is written");
  CheckError(changed(op + 3, 0), weights, "already written");
  CheckError(changed(op + 4, 0), weights, "mask that is not one float");
  CheckError(changed(op + 4, 1), weights, "before it is written");
  CheckError(changed(op + 5, -1), weights, "kernel outside");
  CheckError(changed(op + 6, static_cast<std::int32_t>(weights.size())), weights,
             "recurrent kernel outside");
  CheckError(changed(op + 8, kActivationCodes), weights, "activation 41");
  CheckError(changed(op + 12, 4), weights, "overlap");
  CheckError(changed(op + 12, 5), weights, "hOffset 5");
  weights[7] = std::numeric_limits<float>::quiet_NaN();
  CheckError(words, weights, "not a finite number");
  // A weight of the candidate, which folding doubles.
  weights[7] = 0;
  weights[9] = std::numeric_limits<float>::max();
  CheckError(words, weights, "too large for float32");
}

TEST(AWeightCountThatOverflows) {
  Builder builder(1, Mode::kSequence, 1);
  builder.TimeDense(1, kSigmoid);
  std::vector<std::int32_t> words = builder.Words();
  words[4] = words[7] = words[22] = kSeenLimit;            // Window, warm-up and steps.
  words[8] = words[12] = words[14] = words[15] = 1 << 20;  // Both values and the state.
  CheckError(words, builder.Weights(), "kernel outside");
}

/// Faults in the operands of operations that are not tensors.
TEST(OperationsThatDoNotFit) {
  const auto check = [](auto add, const char* expected) {
    Builder builder(4);
    add(builder);
    CheckError(builder.Words(), builder.Weights(), expected);
  };
  check([](Builder& b) { b.Conv(4, {2, 1, 1, 2}, 1, kTanh); }, "padBefore 2");
  check([](Builder& b) { b.Conv(6, {2, 1, 1, 0}, 4, kTanh); }, "with a remainder");
  check([](Builder& b) { b.Merge(MergeCode::kSubtract, {0, 0, 0}); }, "not two");
  check([](Builder& b) { b.Merge(MergeCode::kAdd, {0, b.Dense(3, kTanh)}); }, "other sizes");
}

/// Changes one word of the first operation of a program of one output.
TEST(OperandsThatDoNotFit) {
  const std::size_t op = 18;
  const auto check = [](const Builder& builder, std::size_t at, std::int32_t value,
                        const char* expected) {
    std::vector<std::int32_t> words = builder.Words();
    words[at] = value;
    CheckError(words, builder.Weights(), expected);
  };
  const auto with = [](auto add) {
    Builder builder(4);
    add(builder);
    return builder;
  };
  const std::size_t output_size = 15;
  const Builder concatenate = with([](Builder& b) { b.Concatenate({0, 0}); });
  check(concatenate, output_size, 7, "do not add up");
  check(concatenate, op + 4, 0, "count of inputs 0");
  check(concatenate, op + 5, 1, "before it is written");
  check(with([](Builder& b) { b.Activate(kTanh); }), output_size, 5, "changes the size");
  check(with([](Builder& b) { b.Affine(); }), output_size, 3, "changes the size");
  check(with([](Builder& b) { b.LayerNorm(true); }), output_size, 3, "changes the size");
  check(with([](Builder& b) { b.Skip(1); }), output_size, 3, "changes the size");
  check(with([](Builder& b) { b.Keep(); }), output_size, 3, "changes the size");
  const Builder begin = with([](Builder& b) { b.BeginStates(1, 0); });
  check(begin, output_size, 3, "changes the size");
  check(begin, op + 6, 1, "beyond the lane's");
  check(with([](Builder& b) { b.Recall(0, 1); }), op + 4, 0, "beyond the lane's");
  check(with([](Builder& b) { b.Pool(PoolCode::kMaximum, {}); }), output_size, 3, "the size");
  check(with([](Builder& b) { b.GlobalPool(PoolCode::kMaximum); }), output_size, 3, "the size");
  const Builder prelu = with([](Builder& b) { b.Prelu(5); });
  check(prelu, output_size, 3, "changes the size");
  check(prelu, op + 6, kNone, "no positionOffset");
  check(with([](Builder& b) { b.Pool(PoolCode::kMaximum, {3, 1, 1, 1}); }), op + 11, kNone,
        "no seenOffset");
  check(with([](Builder& b) { b.Gru(4, true); }), op + 9, 0, "without resetAfter");
  // Sizes of the input, the output and the mask; the output has two words after them.
  Builder masked = with([](Builder& b) { b.Mask(0); });
  check(masked, 16, 2, "mask that is not one float");
  Builder narrow(1);
  narrow.Mask(0);
  check(narrow, 19 + 5, 1, "its mask over its output");
  check(masked, 19 + 5, 0, "already written");
}

TEST(WindowsThatDoNotFit) {
  const auto check = [](auto add, const char* expected) {
    Builder builder = Builder::OfWindows(4, 3, 1);
    add(builder);
    CheckError(builder.Words(), builder.Weights(), expected);
  };
  const char* const shape = "a shape that its input does not give";
  check(
      [](Builder& b) {
        b.Affine();
        b.Rearrange(WindowOpCode::kPad, 5, 4, {1, 2, 0});
      },
      shape);
  check([](Builder& b) { b.Rearrange(WindowOpCode::kCrop, 3, 4, {1}); }, shape);
  check([](Builder& b) { b.Rearrange(WindowOpCode::kCrop, 2, 3, {1}); }, shape);
  check([](Builder& b) { b.Rearrange(WindowOpCode::kRepeat, 5, 4, {}); }, shape);
  check([](Builder& b) { b.Rearrange(WindowOpCode::kReshape, 2, 5, {}); }, shape);
  check([](Builder& b) { b.Rearrange(WindowOpCode::kTranspose, 3, 4, {}); }, shape);
  check(
      [](Builder& b) {
        const int shorter = b.Rearrange(WindowOpCode::kCrop, 2, 4, {1});
        b.Merge(MergeCode::kAdd, {0, shorter});
      },
      "different steps");
}

TEST(ASpanThatOverflows) {
  Builder builder(4);
  builder.Conv(4, {2, 1, 1, 0}, 4, kTanh);
  std::vector<std::int32_t> words = builder.Words();
  words[22] = words[24] = 1 << 20;  // Taps and dilation.
  CheckError(words, builder.Weights(), "looks back too far");
}

/// Many operations may share weights, and each packs them anew: a few words could ask for all
/// memory. Under emulation it would take longest of all, and shows nothing of a processor.
TEST(SharedWeightsHaveALimit) {
  if (IsEmulated()) return;
  Builder builder(1 << 14);
  builder.Dense(64, kTanh);
  std::vector<std::int32_t> words = builder.Words();
  const std::vector<std::int32_t> op(words.end() - 8, words.end());
  for (int i = 0; i < 640; ++i) {
    words.insert(words.begin() + 16, 64);
    words.insert(words.end(), op.begin(), op.end());
    words[words.size() - 5] = 2 + i;
    ++words[9];
    ++words[10];
  }
  CheckError(words, builder.Weights(), "more memory than there is");
}

TEST(LanesCoverAWindow) {
  const Builder builder = EverythingBySteps(Mode::kSliding);
  std::vector<std::int32_t> words = builder.Words();
  words[6] = 2;
  CheckError(words, builder.Weights(), "too few lanes");
}

}  // namespace
}  // namespace lstmd::test
