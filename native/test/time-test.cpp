// Many steps against float64: when outputs are fresh, what the state keeps, masks, thousands
// of steps.
#include <cmath>
#include <cstdio>
#include <functional>

#include "builder.h"
#include "masked-samples.h"
#include "reference.h"
#include "test.h"
#include "tested-targets.h"

namespace lstmd::test {
namespace {

void CheckNear(const Target& target, const char* what, int sample, double found, double expected) {
  CHECK(std::fabs(found - expected) <= 3e-6 * std::fmax(1, std::fabs(expected)),
        "%s: %s at %d: %.9g, not %.9g", target.name, what, sample, found, expected);
}

/// Steps a program of one lane and one output. Returns the count of outputs that it gave.
int CheckSteps(const Builder& builder, const char* what, int count = 40) {
  const Spec spec = builder.Parsed();
  const std::vector<float> samples = Samples(count, spec.features);
  int outputs = 0;
  for (const Target* target : TestedTargets()) {
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

TEST(StatesBeginWithNumbers) {
  CheckSizes("begun lstm", [](Builder& b) {
    b.BeginStates(9, 2);
    b.BeginStates(9, 11);
    b.Lstm(9);
  });
  CheckSizes("recalled lstm", [](Builder& b) {
    b.Lstm(9);
    b.Recall(9, 9);
  });
  CheckSizes("kept", [](Builder& b) {
    const int before = b.Recall(0, 7);
    b.Dense(7, kTanh);
    b.Merge(MergeCode::kAdd, {2, before});
    b.Activate(kTanh);
    b.Keep();
  });
  CheckSizes("begun gru", [](Builder& b) {
    b.BeginStates(3, 1);
    b.Gru(3, false);
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

/// The seed model over many steps, each from the state that the last one left: 5,000, under
/// emulation 2,000, and with LSTMD_LONG a million.
TEST(ThousandsOfStepsStayNear) {
  struct Run {
    const Target* target;
    std::unique_ptr<Program> program;
    std::vector<float> state;
    double worst = 0;
  };
  const int steps = IsLong() ? 1'000'000 : IsEmulated() ? 2'000 : 5'000;
  Builder builder(3);
  builder.Lstm(32);
  builder.Activate(kLeakyRelu);
  builder.Lstm(16);
  builder.Activate(kLeakyRelu);
  builder.Dense(1, kSigmoid);
  const Spec spec = builder.Parsed();
  std::vector<Run> runs;
  for (const Target* target : TestedTargets()) {
    std::unique_ptr<Program> program = builder.Build(*target);
    std::vector<float> state(program->state_size());
    runs.push_back({target, std::move(program), std::move(state)});
  }
  std::vector<double> lane(runs[0].state.size() - kStateHeaderSize);
  std::vector<ReferenceValue> values(spec.values.size());
  std::mt19937 random(7);
  for (int i = 0; i < steps; ++i) {
    const std::vector<float> x = RandomFloats(random, 3, 3);
    values[0] = {{x.begin(), x.end()}, true};
    ReferenceStep(spec, lane, values);
    for (Run& run : runs) {
      float y = 0;
      std::uint8_t flags = 0;
      run.program->Step(run.state.data(), x.data(), 1, &y, &flags);
      run.worst = std::fmax(run.worst, std::fabs(y - values.back().floats[0]));
      for (std::size_t j = 0; j < lane.size(); ++j)
        run.worst = std::fmax(run.worst, std::fabs(run.state[kStateHeaderSize + j] - lane[j]));
    }
  }
  for (const Run& run : runs) {
    std::printf("  %s: %.2g from float64 at most\n", run.target->name, run.worst);
    CHECK(run.worst < 1e-6, "%s: %.9g", run.target->name, run.worst);
  }
}

}  // namespace
}  // namespace lstmd::test
