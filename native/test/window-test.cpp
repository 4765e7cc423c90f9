// Whole windows: the bits of their steps, and their shapes.
#include <algorithm>

#include "masked-samples.h"
#include "models.h"
#include "test.h"
#include "tested-targets.h"

namespace lstmd::test {
namespace {

/// The row of outputs at each sample that has one, else an empty row.
std::vector<std::vector<float>> WindowRows(const Builder& builder, const Target& target,
                                           const std::vector<float>& samples) {
  const std::unique_ptr<Program> program = builder.Build(target);
  const std::size_t count = samples.size() / program->features();
  std::vector<float> state(program->state_size());
  std::vector<float> output(count * program->output_size());
  std::vector<std::uint8_t> flags(count);
  CHECK(program->Step(state.data(), samples.data(), count, output.data(), flags.data()), "step");
  std::vector<std::vector<float>> rows(count);
  for (std::size_t n = 0; n < count; ++n)
    if ((flags[n] & kFlagOutput) != 0)
      rows[n].assign(
          output.begin() + static_cast<std::ptrdiff_t>(n * program->output_size()),
          output.begin() + static_cast<std::ptrdiff_t>((n + 1) * program->output_size()));
  return rows;
}

void AddStack(Builder& builder) {
  builder.Mask(kMasked);
  builder.Gru(9, false);
  builder.Lstm(5);
  builder.Dense(2, kSigmoid);
}

/// Whole windows give the bits that lanes give, and an output at every stride-th sample from the
/// first whole window on.
TEST(AWholeWindowIsItsSteps) {
  constexpr int kWindow = 6;
  for (const Target* target : TestedTargets()) {
    for (const int stride : {1, 2, 4, 9}) {
      Builder steps(3, Mode::kSliding, kWindow, stride);
      AddStack(steps);
      Builder windows = Builder::OfWindows(3, kWindow, stride);
      AddStack(windows);
      std::vector<float> samples = Samples(40, 3);
      // Refused samples are in no window.
      samples[3 * 20] = kInfinity;
      const auto expected = WindowRows(steps, *target, samples);
      const auto found = WindowRows(windows, *target, samples);
      CHECK(found == expected, "%s, stride %d", target->name, stride);
      CHECK(found[kWindow - 1].size() == 2 && found[20].empty(), "stride %d", stride);
    }
  }
}

TEST(AReverseScanIsTheWindowReversed) {
  constexpr int kWindow = 5;
  for (const Target* target : TestedTargets()) {
    std::vector<float> samples = Samples(kWindow, 3);
    Builder forwards = Builder::OfWindows(3, kWindow, 1);
    forwards.Lstm(4);
    Builder backwards = Builder::OfWindows(3, kWindow, 1);
    backwards.SetReverse(true);
    backwards.KeepSteps(1);
    backwards.Lstm(4);
    const auto found = WindowRows(backwards, *target, samples);
    // All rows, in the order of time: the last is of the last sample alone.
    Builder sequence = Builder::OfWindows(3, kWindow, 1);
    sequence.SetReverse(true);
    sequence.Lstm(4);
    const auto last = WindowRows(sequence, *target, samples);
    Builder alone = Builder::OfWindows(3, 1, 1);
    alone.Lstm(4);
    const std::vector<float> last_sample(samples.end() - 3, samples.end());
    CHECK(last.back() == WindowRows(alone, *target, last_sample).back(), "%s", target->name);
    std::vector<float> reversed;
    for (int n = kWindow - 1; n >= 0; --n)
      reversed.insert(reversed.end(), samples.begin() + 3 * n, samples.begin() + 3 * n + 3);
    CHECK(found.back() == WindowRows(forwards, *target, reversed).back(), "%s", target->name);
  }
}

TEST(WindowsArePutInOtherShapes) {
  // 1 2 | 3 4 | 5 6, padded to 9 9 | 1 2 | 3 4 | 5 6 | 9 9 and without the first two steps.
  const std::vector<float> samples = {1, 2, 3, 4, 5, 6};
  for (const Target* target : TestedTargets()) {
    Builder builder = Builder::OfWindows(2, 3, 1);
    const int padded = builder.Pad(1, 1, 9);
    const int cropped = builder.Rearrange(WindowOpCode::kCrop, 3, 2, {2});
    const int flat = builder.Rearrange(WindowOpCode::kReshape, 1, 6, {});
    const int repeated = builder.Rearrange(WindowOpCode::kRepeat, 2, 6, {});
    const int turned = builder.Rearrange(WindowOpCode::kTranspose, 6, 2, {});
    builder.SetOutputs({padded, cropped, flat, repeated, turned});
    const std::vector<float> expected = {9, 9, 9, 9, 3, 4, 5, 6, 9, 9, 3, 4, 5, 6, 9, 9, 9, 9};
    CHECK(WindowRows(builder, *target, samples).back() == expected, "%s", target->name);
    // The last two of three rows are kept.
    Builder last = Builder::OfWindows(2, 3, 1);
    last.KeepSteps(2);
    const int kept = last.Affine();
    last.Rearrange(WindowOpCode::kReshape, 1, 4, {});
    const std::vector<float> row = WindowRows(last, *target, samples).back();
    Builder all = Builder::OfWindows(2, 3, 1);
    all.Affine();
    all.Rearrange(WindowOpCode::kReshape, 1, 6, {});
    const std::vector<float> rows = WindowRows(all, *target, samples).back();
    CHECK(kept == 1 && std::equal(row.begin(), row.end(), rows.begin() + 2), "%s", target->name);
  }
}

/// A window in which everything is masked has no maximum, and so no output.
TEST(AWindowThatIsShortHasNoOutput) {
  for (const Target* target : TestedTargets()) {
    Builder builder = Builder::OfWindows(1, 3, 1);
    builder.Mask(kMasked);
    builder.KeepSteps(1);
    builder.GlobalPool(PoolCode::kMaximum);
    const auto rows = WindowRows(builder, *target, {kMasked, kMasked, kMasked, 2, kMasked});
    CHECK(rows[2].empty() && rows[3] == std::vector<float>{2} && rows[4] == rows[3], "%s",
          target->name);
  }
}

/// Samples may be of any magnitude, but a row of outputs must be finite: one that is not is
/// dropped, and so is the state that it came from.
TEST(AnOutputThatIsNotFiniteResetsTheState) {
  for (const Target* target : TestedTargets()) {
    for (Builder builder : {Builder(1), Builder::OfWindows(1, 2, 1)}) {
      builder.Activate({ActivationCode::kExponential, {}, nullptr});
      const std::unique_ptr<Program> program = builder.Build(*target);
      std::vector<float> state(program->state_size());
      const float x[] = {1, 2, 1e9f, 3, 4};
      float y[5];
      std::uint8_t flags[5];
      CHECK(program->Step(state.data(), x, 5, y, flags), "step");
      CHECK(flags[1] == (kFlagOutput | kFlagWarm) && flags[2] == kFlagReset && y[2] == 0,
            "%s: flags %d, %d", target->name, flags[1], flags[2]);
      CHECK(state[0] == 2 && (flags[4] & kFlagOutput) != 0, "%s: seen %g", target->name,
            double{state[0]});
    }
  }
}

/// No step keeps such a sample, but the state may come from elsewhere.
TEST(ASampleInTheStateThatIsNotFiniteResetsIt) {
  for (const Target* target : TestedTargets()) {
    const std::unique_ptr<Program> program = EverythingByWindows().Build(*target);
    std::vector<float> state(program->state_size());
    state[kStateHeaderSize + 7] = kInfinity;
    const float x[] = {1, 2, 3};
    std::vector<float> y(program->output_size());
    std::uint8_t flags = 0;
    program->Step(state.data(), x, 1, y.data(), &flags);
    CHECK(flags == kFlagReset, "%s: flags %d", target->name, flags);
  }
}

}  // namespace
}  // namespace lstmd::test
