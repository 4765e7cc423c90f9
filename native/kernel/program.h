#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "pack.h"
#include "spec.h"
#include "target.h"

namespace lstmd {

/// A compiled step program: src/engine/program.ts in arithmetic. Holds scratch memory and no state
/// of the stream, so one call at a time.
class Program {
 public:
  /// @param words, weights as src/engine/encoding.ts writes them; not needed afterwards
  /// @return null, and what is wrong in `error`
  static std::unique_ptr<Program> Create(std::span<const std::int32_t> words,
                                         std::span<const float> weights, const Target& target,
                                         std::string* error);

  const Target& target() const { return target_; }
  std::size_t state_size() const { return static_cast<std::size_t>(spec_.state_size); }
  std::size_t features() const { return static_cast<std::size_t>(spec_.features); }
  std::size_t output_size() const { return static_cast<std::size_t>(spec_.output_size); }

  /// Steps `count` samples; see `Engine.step` in src/engine/engine.ts. Allocates nothing.
  /// @return false, with nothing written, when the state's header is none that a step leaves
  bool Step(float* state, const float* input, std::size_t count, float* output,
            std::uint8_t* flags) noexcept;

 private:
  explicit Program(const Target& target) : target_(target) {}

  std::uint8_t StepSample(float* state, const float* input, float* output);
  /// Whether there is an output; false, too, where the state must be reset (`is_sound_`).
  bool StepLanes(float* lane, const float* input, float* output);
  bool StepWindow(float* lane, const float* input, float* output);
  bool CopyOutputs(const float* lane, bool is_last, float* output) const;

  const Target& target_;
  Spec spec_ = {};
  PackedProgram packed_ = {};
  // The state's header, while a block is stepped.
  int seen_ = 0;
  int phase_ = 0;
  // Whether the state after a sample is one to go on from.
  bool is_sound_ = true;
};

}  // namespace lstmd
