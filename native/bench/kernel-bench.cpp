// Cycles a step inside the kernel, for every SIMD target of this CPU: the seed architecture, which
// is LSTM 32 - LeakyReLU - LSTM 16 - LeakyReLU - Dense 1 on 3 inputs, one sample at a time.
//   node scripts/build-native.mjs --bench
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "../test/builder.h"

namespace lstmd::bench {
namespace {

using test::Builder;

constexpr std::size_t kSamples = 512;
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

/// How long a cycle is just now, in ns.
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

struct Contestant {
  const Target* target;
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

std::vector<Contestant> SeedOnEveryTarget() {
  Builder builder(kFeatures);
  builder.Lstm(32);
  builder.Activate(test::kLeakyRelu);
  builder.Lstm(16);
  builder.Activate(test::kLeakyRelu);
  builder.Dense(1, test::kSigmoid);
  std::vector<Contestant> contestants;
  for (const Target* target : SupportedTargets()) {
    std::unique_ptr<Program> program = builder.Build(*target);
    std::vector<float> state(program->state_size());
    contestants.push_back({target, std::move(program), std::move(state), {}, {}});
  }
  return contestants;
}

void Run(int rounds) {
  std::mt19937 random(7);
  const std::vector<float> input = test::RandomFloats(random, kSamples * kFeatures, 1);
  std::vector<float> output(kSamples);
  std::vector<std::uint8_t> flags(kSamples);
  const CycleCounter counter;
  std::vector<Contestant> contestants = SeedOnEveryTarget();
  // All in every round, so that a clock that drifts hits all alike; the first round warms up.
  for (int round = 0; round <= rounds; ++round) {
    for (Contestant& contestant : contestants) {
      const double cycle_ns = counter.is_hardware() ? 0 : CycleNs();
      const double start_cycles = counter.is_hardware() ? counter.Read() : 0;
      const double start = NowNs();
      for (std::size_t n = 0; n < kSamples; ++n)
        contestant.program->Step(contestant.state.data(), &input[n * kFeatures], 1, &output[n],
                                 &flags[n]);
      const double ns = NowNs() - start;
      const double cycles = counter.is_hardware() ? counter.Read() - start_cycles : ns / cycle_ns;
      if (round == 0) continue;
      contestant.ns.push_back(ns / kSamples);
      contestant.cycles.push_back(cycles / kSamples);
    }
  }
  std::printf("cycles: %s\n",
              counter.is_hardware() ? "the core's counter" : "by a chain of additions");
  for (const Contestant& contestant : contestants)
    std::printf("%-8s %8.0f cycles %8.0f ns a step\n", contestant.target->name,
                Median(contestant.cycles), Median(contestant.ns));
}

}  // namespace
}  // namespace lstmd::bench

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 2000;
  lstmd::bench::Run(std::max(rounds, 1));
}
