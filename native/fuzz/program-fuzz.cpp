// Fuzzes programs with libFuzzer: the bytes of a case are the counts of words and of weights, and
// then the words and weights of a program.
//   node scripts/build-native.mjs --fuzz --seconds 60
#include <algorithm>
#include <cstring>
#include <random>
#include <span>
#include <vector>

#include "../test/models.h"
#include "../test/untrusted.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace lstmd::test {
namespace {

/// A state and values of so many floats are stepped within a moment by the slowest operation.
constexpr std::int64_t kMostFloats = 1 << 16;

/// The beginning of a case. The words follow, then floats that are repeated for all weights.
struct Header {
  std::uint16_t words;
  std::uint16_t weights;
};

void Append(const void* from, std::size_t size, std::vector<std::uint8_t>* bytes) {
  const auto* const begin = static_cast<const std::uint8_t*>(from);
  bytes->insert(bytes->end(), begin, begin + size);
}

/// A case that is a program that compiles.
std::vector<std::uint8_t> SeedCase(const Builder& builder) {
  constexpr std::size_t kFloats = 64;
  const std::vector<std::int32_t> words = builder.Words();
  const std::vector<float>& weights = builder.Weights();
  const Header header = {static_cast<std::uint16_t>(words.size()),
                         static_cast<std::uint16_t>(weights.size())};
  std::vector<std::uint8_t> bytes;
  Append(&header, sizeof header, &bytes);
  Append(words.data(), words.size() * sizeof words[0], &bytes);
  Append(weights.data(), std::min(kFloats, weights.size()) * sizeof weights[0], &bytes);
  return bytes;
}

/// Returns whether a program is stepped within a moment.
bool IsSmall(const std::vector<std::int32_t>& words, const std::vector<float>& weights) {
  Spec spec;
  if (!Parse(words, Weights(std::span(weights)), &spec).empty()) return true;
  std::int64_t floats = spec.state_size;
  for (const ValueSpec& value : spec.values) floats += std::int64_t{value.steps} * value.size;
  return floats <= kMostFloats;
}

/// Takes up to `most` values from the bytes, as far as they go.
template <typename Value>
std::vector<Value> Take(std::size_t most, std::span<const std::uint8_t>* bytes) {
  std::vector<Value> values(std::min(most, bytes->size() / sizeof(Value)));
  const std::size_t size = values.size() * sizeof(Value);
  if (size > 0) std::memcpy(values.data(), bytes->data(), size);
  *bytes = bytes->subspan(size);
  return values;
}

void Run(std::span<const std::uint8_t> bytes) {
  const std::vector<Header> header = Take<Header>(1, &bytes);
  if (header.empty()) return;
  const std::vector<std::int32_t> words = Take<std::int32_t>(header[0].words, &bytes);
  std::vector<float> floats = Take<float>(bytes.size(), &bytes);
  if (floats.empty()) floats.push_back(0.5f);
  std::vector<float> weights(header[0].weights);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = floats[i % floats.size()];
  if (IsSmall(words, weights)) StepUntrusted(words, weights);
}

/// Changes whole words to values that are accepted, or nearly: small numbers, words from elsewhere
/// and their neighbours, and offsets at the end of the weights.
void ChangeWords(std::span<std::uint8_t> bytes, std::mt19937& random) {
  constexpr std::size_t kSize = sizeof(std::int32_t);
  std::uint8_t* const begin = bytes.data() + sizeof(Header);
  const std::size_t words = (bytes.size() - sizeof(Header)) / kSize;
  if (words == 0) return;
  Header header = {};
  std::memcpy(&header, bytes.data(), sizeof header);
  for (auto changes = 1 + random() % 3; changes > 0; --changes) {
    const std::int32_t small = static_cast<std::int32_t>(random() % 18) - 1;
    std::int32_t word;
    std::memcpy(&word, begin + random() % words * kSize, kSize);
    switch (random() % 4) {
      case 0:
        word = small;
        break;
      case 1:
        word = static_cast<std::int32_t>(header.weights) - small;
        break;
      case 2:
        word = static_cast<std::int32_t>(static_cast<std::uint32_t>(word) + random() % 3 - 1);
        break;
    }
    std::memcpy(begin + random() % words * kSize, &word, kSize);
  }
}

}  // namespace
}  // namespace lstmd::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lstmd::test::Run({data, size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  std::mt19937 random(seed);
  // Now and then a case starts from a program that compiles, which chance would never write.
  if (size < sizeof(lstmd::test::Header) || random() % 64 == 0) {
    const std::vector<lstmd::test::Builder> all = lstmd::test::EverythingInAllModes();
    const std::vector<std::uint8_t> seed_case = lstmd::test::SeedCase(all[random() % all.size()]);
    if (seed_case.size() <= max_size) {
      std::copy(seed_case.begin(), seed_case.end(), data);
      size = seed_case.size();
    }
  }
  if (size < sizeof(lstmd::test::Header) || random() % 4 == 0)
    return LLVMFuzzerMutate(data, size, max_size);
  lstmd::test::ChangeWords({data, size}, random);
  return size;
}
