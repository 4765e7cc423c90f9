// Measures the cycles of a step inside the kernel, on every SIMD target of this CPU: of the seed
// architecture, LSTM 32 - LeakyReLU - LSTM 16 - LeakyReLU - Dense 1 on 3 inputs, one sample at a
// time, in blocks, in a lane of a sliding window of 100, and in a stream among 64 that are stepped
// together.
//   node scripts/build-native.mjs --bench
// The program itself takes a count of rounds, the name of one target, and the units of an LSTM
// that is measured in place of the seed, with its weights in every format.
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <tuple>

#include "../test/builder.h"

namespace lstmd::bench {
namespace {

using test::Builder;

constexpr std::size_t kSamples = 512;
constexpr int kWarmUps = 4;
constexpr std::size_t kFeatures = 3;

/// The core's own cycle counter, user code alone; where the system withholds it, cycles are those
/// of a chain of dependent additions, one each on every CPU this is for.
class CycleCounter {
 public:
  CycleCounter() {
    perf_event_attr attributes = {};
    attributes.type = PERF_TYPE_HARDWARE;
    attributes.size = sizeof attributes;
    attributes.config = PERF_COUNT_HW_CPU_CYCLES;
    attributes.exclude_kernel = 1;
    attributes.exclude_hv = 1;
    fd_ = static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
  }
  ~CycleCounter() {
    if (fd_ >= 0) close(fd_);
  }
  CycleCounter(const CycleCounter&) = delete;
  CycleCounter& operator=(const CycleCounter&) = delete;

  bool is_hardware() const { return fd_ >= 0; }
  double Read() const {
    std::uint64_t cycles = 0;
    return read(fd_, &cycles, sizeof cycles) == sizeof cycles ? static_cast<double>(cycles) : 0;
  }

 private:
  int fd_;
};

double NowNs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::nano>(now).count();
}

/// The length of a cycle at this moment, in ns.
double CycleNs() {
  constexpr int kAdditions = 100'000;
  std::uint64_t sum = 1;
  std::uint64_t term = 3;
  const double start = NowNs();
  for (int i = 0; i < kAdditions; ++i) {
    sum += term;
    // Keeps the compiler from folding the chain, and the term in a register: some CPUs add
    // constants for nothing.
    asm volatile("" : "+r"(sum), "+r"(term));
  }
  return (NowNs() - start) / kAdditions;
}

enum class Usage { kSingle, kBlock, kSliding, kMany };
constexpr const char* kUsageNames[] = {"single", "block", "sliding", "many"};
constexpr std::size_t kWindow = 100;
constexpr std::size_t kStreams = 64;

constexpr const char* kFormatNames[] = {"f32", "bf16", "int8"};

struct Case {
  const Target* target;
  WeightFormat format;
  Usage usage;
  std::unique_ptr<Program> program;
  std::vector<float> state;
  std::vector<double> ns;
  std::vector<double> cycles;
};

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// @param units those of a model of one LSTM; 0 is the seed model
Builder Model(Mode mode, int window, int units) {
  Builder builder(kFeatures, mode, window);
  if (units > 0) {
    builder.Lstm(units);
    return builder;
  }
  builder.Lstm(32);
  builder.Activate(test::kLeakyRelu);
  builder.Lstm(16);
  builder.Activate(test::kLeakyRelu);
  builder.Dense(1, test::kSigmoid);
  return builder;
}

/// @param only the name of one target, or null for all
std::vector<Case> ModelOnTargets(const char* only, int units) {
  const std::vector<WeightFormat> formats =
      units > 0 ? std::vector{WeightFormat::kFloat32, WeightFormat::kBfloat16, WeightFormat::kInt8}
                : std::vector{WeightFormat::kFloat32};
  std::vector<Case> cases;
  for (const Target* target : SupportedTargets()) {
    if (only != nullptr && std::string_view(only) != target->name) continue;
    for (const WeightFormat format : formats) {
      for (const Usage usage : {Usage::kSingle, Usage::kBlock, Usage::kSliding, Usage::kMany}) {
        Builder builder = usage == Usage::kSliding ? Model(Mode::kSliding, kWindow, units)
                                                   : Model(Mode::kContinuous, 1, units);
        builder.RoundWeights(format);
        std::unique_ptr<Program> program = builder.Build(*target);
        std::vector<float> state(program->state_size() * (usage == Usage::kMany ? kStreams : 1));
        cases.push_back({target, format, usage, std::move(program), std::move(state), {}, {}});
      }
    }
  }
  return cases;
}

struct Samples {
  std::vector<float> input;
  std::vector<float> output;
  std::vector<std::uint8_t> flags;
};

/// Steps about kSamples lanes, and returns the count of steps.
std::size_t Step(Case& measured, Samples& samples) {
  Program& program = *measured.program;
  float* const state = measured.state.data();
  const auto [input, output, flags] =
      std::tuple(samples.input.data(), samples.output.data(), samples.flags.data());
  switch (measured.usage) {
    case Usage::kSingle:
      for (std::size_t n = 0; n < kSamples; ++n)
        program.Step(state, input + n * kFeatures, 1, output + n * program.output_size(),
                     flags + n);
      return kSamples;
    case Usage::kBlock:
      program.Step(state, input, kSamples, output, flags);
      return kSamples;
    case Usage::kSliding:
      program.Step(state, input, kSamples / kWindow, output, flags);
      return kSamples / kWindow * kWindow;
    case Usage::kMany:
      for (std::size_t n = 0; n < kSamples; n += kStreams)
        program.StepMany(state, input + n * kFeatures, kStreams, output + n * program.output_size(),
                         flags + n);
      return kSamples;
  }
  return 0;
}

void Run(int rounds, const char* only, int units) {
  std::mt19937 random(7);
  Samples samples = {test::RandomFloats(random, kSamples * kFeatures, 1),
                     std::vector<float>(kSamples * static_cast<std::size_t>(std::max(units, 1))),
                     std::vector<std::uint8_t>(kSamples)};
  const CycleCounter counter;
  std::vector<Case> cases = ModelOnTargets(only, units);
  // Every round measures every case, so that a clock that drifts hits all alike. The first warms
  // up.
  for (int round = 0; round <= rounds; ++round) {
    for (Case& measured : cases) {
      // The case before has left its own data in the caches, and wide vector units may be asleep.
      for (int i = 0; i < kWarmUps; ++i) Step(measured, samples);
      const double cycle_ns = counter.is_hardware() ? 0 : CycleNs();
      const double start_cycles = counter.is_hardware() ? counter.Read() : 0;
      const double start = NowNs();
      const double steps = static_cast<double>(Step(measured, samples));
      const double ns = NowNs() - start;
      const double cycles = counter.is_hardware() ? counter.Read() - start_cycles : ns / cycle_ns;
      if (round == 0) continue;
      measured.ns.push_back(ns / steps);
      measured.cycles.push_back(cycles / steps);
    }
  }
  std::printf("cycles: %s\n",
              counter.is_hardware() ? "the core's counter" : "by a chain of additions");
  double block = 0;
  for (const Case& measured : cases) {
    const double cycles = Median(measured.cycles);
    const bool is_first = measured.format == WeightFormat::kFloat32;
    if (measured.usage == Usage::kSingle && is_first) block = 0;
    if (measured.usage == Usage::kBlock && is_first) block = cycles;
    std::printf("%-8s %-4s %-8s %8.0f cycles %8.0f ns a lane's step", measured.target->name,
                kFormatNames[static_cast<int>(measured.format)],
                kUsageNames[static_cast<int>(measured.usage)], cycles, Median(measured.ns));
    std::printf(block == 0 ? "\n" : "  %.2f of one in a block\n", cycles / block);
  }
}

}  // namespace
}  // namespace lstmd::bench

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 2000;
  lstmd::bench::Run(std::max(rounds, 1), argc > 2 ? argv[2] : nullptr,
                    argc > 3 ? std::atoi(argv[3]) : 0);
}
