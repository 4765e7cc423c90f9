// A program that is stepped, and what it gives.
#pragma once

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "models.h"
#include "test.h"

namespace lstmd::test {

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// The state, outputs and flags of some samples.
struct Run {
  std::vector<float> state;
  std::vector<float> output;
  std::vector<std::uint8_t> flags;

  explicit Run(const Program& program, std::size_t samples)
      : state(program.state_size()),
        output(samples * program.output_size(), kNan),
        flags(samples, 255) {}

  bool operator==(const Run& other) const {
    return Same(state, other.state) && Same(output, other.output) && flags == other.flags;
  }

  /// Compares bits, so that -0 is not 0.
  static bool Same(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
  }
};

/// Steps `input` in blocks of `block` samples, each with a new Program.
inline Run Steps(const Builder& builder, const Target& target, const std::vector<float>& input,
                 std::size_t block) {
  std::unique_ptr<Program> program = builder.Build(target);
  const std::size_t samples = input.size() / program->features();
  Run run(*program, samples);
  for (std::size_t at = 0; at < samples; at += block) {
    const std::size_t count = std::min(block, samples - at);
    program = builder.Build(target);
    CHECK(program->Step(run.state.data(), input.data() + at * program->features(), count,
                        run.output.data() + at * program->output_size(), run.flags.data() + at),
          "at %zu", at);
  }
  return run;
}

/// Two LSTMs and a head.
inline Builder Model(Mode mode, int window, int stride) {
  Builder builder(3, mode, window, stride);
  builder.Lstm(13);
  builder.Activate(kLeakyRelu);
  builder.Lstm(5);
  if (mode == Mode::kContinuous) {
    builder.Dense(2, kSigmoid);
  } else {
    builder.TimeDense(2, kSigmoid);
  }
  return builder;
}

}  // namespace lstmd::test
