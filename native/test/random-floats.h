#pragma once

#include <cstddef>
#include <random>
#include <vector>

namespace lstmd::test {

/// Numbers from -scale to scale.
inline std::vector<float> RandomFloats(std::mt19937& random, std::size_t count, float scale) {
  std::uniform_real_distribution<float> distribution(-scale, scale);
  std::vector<float> floats(count);
  for (float& value : floats) value = distribution(random);
  return floats;
}

}  // namespace lstmd::test
