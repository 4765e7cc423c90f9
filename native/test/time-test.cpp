// Many steps against float64: when outputs are fresh, what the state keeps, masks, whole windows.
#include <cmath>
#include <functional>

#include "models.h"
#include "reference.h"
#include "test.h"

namespace lstmd::test {
namespace {

constexpr float kMasked = -0.5f;

/// Random samples, a third of them masked.
std::vector<float> Samples(int count, int features) {
  std::mt19937 random(static_cast<unsigned>(count * features));
  std::vector<float> samples =
      RandomFloats(random, static_cast<std::size_t>(count) * static_cast<std::size_t>(features), 2);
  for (int n = 0; n < count; ++n)
    if (random() % 3 == 0) std::fill_n(samples.begin() + n * features, features, kMasked);
  return samples;
}

void CheckNear(const Target& target, const char* what, int sample, double found, double expected) {
  CHECK(std::fabs(found - expected) <= 3e-6 * std::fmax(1, std::fabs(expected)),
        "%s: %s at %d: %.9g, not %.9g", target.name, what, sample, found, expected);
}

/// Steps a program of one lane and one output. Returns the count of outputs that it gave.
int CheckSteps(const Builder& builder, const char* what, int count = 40) {
  const Spec spec = builder.Parsed();
  const std::vector<float> samples = Samples(count, spec.features);
  int outputs = 0;
  for (const Target* target : SupportedTargets()) {
    const std::unique_ptr<Program> program = builder.Build(*target);
    std::vector<float> state(program->state_size());
    std::vector<double> lane(static_cast<std::size_t>(spec.lane_state_size));
    std::vector<ReferenceValue> values(spec.values.size());
    std::vector<float> y(program->output_size());
    outputs = 0;
    for (int n = 0; n < count; ++n) {
      const float* const x = samples.data() + n * spec.features;
      const int age = n % spec.window;
      if (spec.mode == Mode::kSequence && age == 0) lane.assign(lane.size(), 0);
      values[0] = {{x, x + spec.features}, true};
      ReferenceStep(spec, lane, values);
      const OutputSpec& output = spec.outputs[0];
      const ReferenceValue& value = values[static_cast<std::size_t>(output.value)];
      const bool is_held = spec.mode == Mode::kSequence && age == spec.window - 1 &&
                           output.held_offset != kNone &&
                           lane[static_cast<std::size_t>(output.holds_offset)] == 1;
      std::uint8_t flags = 0;
      CHECK(program->Step(state.data(), x, 1, y.data(), &flags), "%s", what);
      CHECK(((flags & kFlagOutput) != 0) == (value.fresh || is_held), "%s: %s at %d: flags %d",
            target->name, what, n, flags);
      for (std::size_t i = 0; i < lane.size(); ++i)
        CheckNear(*target, what, n, state[kStateHeaderSize + i], lane[i]);
      if ((flags & kFlagOutput) == 0) continue;
      ++outputs;
      for (std::size_t i = 0; i < y.size(); ++i)
        CheckNear(
            *target, what, n, y[i],
            value.fresh ? value.floats[i] : lane[static_cast<std::size_t>(output.held_offset) + i]);
    }
  }
  return outputs;
}

void CheckSizes(const char* what, const std::function<void(Builder&)>& add) {
  for (const int features : {1, 2, 3, 5, 8, 16, 17, 35}) {
    Builder builder(features);
    add(builder);
    CheckSteps(builder, what, 12);
  }
}

TEST(ConvolutionsWithSmallWeights) {
  for (const WeightFormat format : {WeightFormat::kBfloat16, WeightFormat::kInt8})
    for (const int groups : {1, 2})
      for (const int filters : {2, 4, 8, 16, 18, 34, 70}) {
        Builder builder(6);
        builder.Conv(filters, {3, 1, 2, 1}, groups, kTanh);
        builder.RoundWeights(format);
        CheckSteps(builder, "small conv");
      }
}

TEST(ConvolutionsOfEverySpan) {
  for (const int inputs : {1, 3, 8, 17})
    for (const int filters : {1, 4, 9, 33})
      for (const int size : {1, 2, 5})
        for (const int dilation : {1, 3})
          for (const int stride : {1, 2, 7})
            for (const int pad : {0, 1, dilation * (size - 1)}) {
              if (pad > dilation * (size - 1)) continue;
              Builder builder(inputs);
              builder.Conv(filters, {size, stride, dilation, pad}, 1, kLeakyRelu);
              const int first = dilation * (size - 1) - pad;
              const int outputs = CheckSteps(builder, "conv");
              CHECK(outputs == (40 - first + stride - 1) / stride, "%d outputs", outputs);
            }
}

TEST(ConvolutionsInGroups) {
  for (const int groups : {1, 2, 3, 6})
    for (const int multiple : {1, 2, 5}) {
      Builder builder(6);
      builder.Conv(groups * multiple, {3, 1, 2, 1}, groups, kTanh);
      CheckSteps(builder, "conv in groups");
    }
}

TEST(PoolsOfEverySpan) {
  for (const PoolCode code : {PoolCode::kMaximum, PoolCode::kAverage})
    for (const int size : {1, 2, 5})
      for (const int stride : {1, 2, 7})
        for (int pad = 0; pad < size; ++pad)
          CheckSizes("pool", [&](Builder& b) { b.Pool(code, {size, stride, 1, pad}); });
}

TEST(PointwiseOperations) {
  CheckSizes("affine", [](Builder& b) { b.Affine(); });
  CheckSizes("prelu", [](Builder& b) { b.Prelu(1); });
  CheckSizes("prelu with steps", [](Builder& b) { b.Prelu(5); });
  CheckSizes("layer norm", [](Builder& b) { b.LayerNorm(true); });
  CheckSizes("layer norm without weights", [](Builder& b) { b.LayerNorm(false); });
  CheckSizes("skip", [](Builder& b) { b.Skip(3); });
  CheckSizes("sum over time", [](Builder& b) { b.TimeDense(3, kSoftmax); });
  for (int code = 0; code <= static_cast<int>(MergeCode::kMinimum); ++code)
    CheckSizes("merge", [code](Builder& b) {
      const int other = b.Affine();
      const bool is_two = static_cast<MergeCode>(code) == MergeCode::kSubtract;
      if (is_two) {
        b.Merge(static_cast<MergeCode>(code), {0, other});
      } else {
        b.Merge(static_cast<MergeCode>(code), {0, other, b.Prelu(1)});
      }
    });
  CheckSizes("divide", [](Builder& b) {
    // The divisor is at least a half.
    const int divisor = b.Activate({ActivationCode::kClip, {0.5f, 9}, nullptr});
    b.Merge(MergeCode::kDivide, {0, divisor});
  });
  CheckSizes("concatenate", [](Builder& b) {
    const int other = b.Dense(3, kTanh);
    b.Concatenate({other, 0, other});
    b.Dense(2, kTanh);
  });
}

TEST(ArrangingOperations) {
  CheckSizes("gather", [](Builder& b) { b.Gather({0, kNone, 0, 0, kNone}); });
  for (const ReduceCode code :
       {ReduceCode::kSum, ReduceCode::kMean, ReduceCode::kMaximum, ReduceCode::kMinimum})
    for (const int units : {1, 2, 5})
      CheckSizes("reduce", [code, units](Builder& b) {
        b.Dense(15 * units, kTanh);
        b.Reduce(code, units);
      });
  for (const int count : {1, 3})
    for (const int columns : {1, 3, 8, 17})
      CheckSizes("products of matrices", [count, columns](Builder& b) {
        const int right = b.Dense(count * 5 * columns, kTanh);
        b.Dense(count * 2 * 5, kTanh);
        b.MatMul(right, count, 2, 5, columns);
      });
}

TEST(MasksLeaveTheStateAsItIs) {
  CheckSizes("masked lstm", [](Builder& b) {
    b.Mask(kMasked);
    b.Lstm(9);
  });
  CheckSizes("masked gru", [](Builder& b) {
    b.Mask(kMasked);
    b.Gru(9, true);
    b.Gru(3, false);
  });
  CheckSizes("masked simple rnn", [](Builder& b) {
    b.Mask(kMasked);
    b.SimpleRnn(5);
  });
  for (const PoolCode code : {PoolCode::kMaximum, PoolCode::kAverage})
    CheckSizes("masked pool", [code](Builder& b) {
      b.Mask(kMasked);
      b.GlobalPool(code);
    });
}

/// Operations after a stride or a skip work only where they are fresh; a window's last step gives
/// the row that is held.
TEST(StaleInputsChangeNothing) {
  for (const Mode mode : {Mode::kContinuous, Mode::kSequence}) {
    Builder builder(3, mode, 11);
    builder.Conv(4, {2, 2, 1, 0}, 1, kTanh);
    const int gru = builder.Gru(5, true);
    const int skipped = builder.Skip(2);
    builder.Merge(MergeCode::kAdd, {gru, skipped});
    builder.Pool(PoolCode::kAverage, {2, 2, 1, 0});
    builder.TimeDense(2, kSigmoid);
    builder.HoldOutputs();
    const int outputs = CheckSteps(builder, "stale", 44);
    CHECK(outputs > (mode == Mode::kSequence ? 4 : 3), "%d outputs", outputs);
  }
}

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
  for (const Target* target : SupportedTargets()) {
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
  for (const Target* target : SupportedTargets()) {
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
  for (const Target* target : SupportedTargets()) {
    Builder builder = Builder::OfWindows(2, 3, 1);
    const int padded = builder.Pad(1, 1, 9);
    const int cropped = builder.Rearrange(WindowOpCode::kCrop, 3, 2, {2});
    const int flat = builder.Rearrange(WindowOpCode::kReshape, 1, 6, {});
    const int repeated = builder.Rearrange(WindowOpCode::kRepeat, 2, 6, {});
    const int turned = builder.Rearrange(WindowOpCode::kTranspose, 6, 2, {});
    builder.SetOutputs({padded, cropped, flat, repeated, turned});
    const std::vector<float> expected = {9, 9, 9, 9, 3, 4, 5, 6, 9, 9, 3, 4, 5, 6, 9, 9, 9, 9};
    CHECK(WindowRows(builder, *target, samples).back() == expected, "%s", target->name);
    // Of three rows the last two are kept.
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
  for (const Target* target : SupportedTargets()) {
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
  for (const Target* target : SupportedTargets()) {
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
  for (const Target* target : SupportedTargets()) {
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
