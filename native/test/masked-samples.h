// Samples of which some are masked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <random>
#include <vector>

#include "random-floats.h"

namespace lstmd::test {

inline constexpr float kMasked = -0.5f;

/// Random samples, a third of them masked.
inline std::vector<float> Samples(int count, int features) {
  std::mt19937 random(static_cast<unsigned>(count * features));
  std::vector<float> samples =
      RandomFloats(random, static_cast<std::size_t>(count) * static_cast<std::size_t>(features), 2);
  for (int n = 0; n < count; ++n)
    if (random() % 3 == 0) std::fill_n(samples.begin() + n * features, features, kMasked);
  return samples;
}

}  // namespace lstmd::test
