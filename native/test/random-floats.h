#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace lstmd::test {

/// Numbers from -scale to scale.
inline std::vector<float> RandomFloats(std::mt19937& random, std::size_t count, float scale) {
  // One factor makes -scale to scale of a signed integer, in much less time than a distribution of
  // the library takes under the sanitizers.
  const float factor = scale * 0x1p-31f;
  std::vector<float> floats(count);
  for (float& value : floats)
    value = factor * static_cast<float>(static_cast<std::int32_t>(random()));
  return floats;
}

}  // namespace lstmd::test
