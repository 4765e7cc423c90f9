#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "format/spec.h"
#include "pack/pack.h"
#include "targets/target.h"

namespace lstmd {

/// A compiled step program: it computes what src/engine/program/program.ts describes. It holds
/// scratch memory and no state of a stream, so there may be one call at a time.
class Program {
 public:
  /// @param words, weights as docs/formats/program-words.md describes them; not needed afterwards
  /// @param error what is wrong, where the result is null
  /// @param fault_operation where the fault is in one operation, its index, else kNone
  /// @param spent is told of weights that are packed; no tensors may overlap where it does anything
  static std::unique_ptr<Program> Create(std::span<const std::int32_t> words,
                                         const Weights& weights, const Target& target,
                                         std::string* error, int* fault_operation = nullptr,
                                         const Spent& spent = KeepWeights);

  const Target& target() const { return target_; }
  std::size_t state_size() const { return static_cast<std::size_t>(spec_.state_size); }
  std::size_t features() const { return static_cast<std::size_t>(spec_.features); }
  std::size_t output_size() const { return static_cast<std::size_t>(spec_.output_size); }

  /// Steps `count` samples; see `Engine.step` in src/engine/program/engine.ts. Allocates nothing.
  /// @return false, with nothing written, when the state's header is not one that a step leaves
  bool Step(float* state, const float* input, std::size_t count, float* output,
            std::uint8_t* flags) noexcept;

  /// Steps one sample of each of `count` streams, whose states lie one after the other; see
  /// `Engine.stepMany`. The bits are those of `Step`. Allocates nothing.
  /// @return false, with nothing written, when a state's header is not one that a step leaves
  bool StepMany(float* states, const float* input, std::size_t count, float* output,
                std::uint8_t* flags) noexcept;

 private:
  explicit Program(const Target& target) : target_(target) {}

  /// The state's header, while a block is stepped.
  struct Header {
    int seen;
    int phase;
  };
  /// The outcome of a sample.
  struct Result {
    bool has_output;
    /// True when the next sample may be stepped from the state; else it must be reset.
    bool is_valid;
  };

  bool ReadHeader(const float* state, Header* header) const;
  static void WriteHeader(const Header& header, float* state);
  /// Copies the sample to workspace 0, where it is stepped.
  [[gnu::noinline]] void StepSample(float* state, Header* header, const float* input, float* output,
                                    std::uint8_t* flags);
  /// `StepSample` of a program that is plain.
  [[gnu::always_inline]] inline void StepPlainSample(float* state, Header* header,
                                                     const float* input, float* output,
                                                     std::uint8_t* flags);
  /// Steps consecutive samples of a plain program, an operation after the other: the weights of one
  /// are used for all of them before those of the next take their place in the cache.
  /// @return false, with the state as it was, where a sample is refused or its state not valid:
  ///   which of them it is, `StepPlainSample` finds out
  bool StepPlainRun(float* state, Header* header, const float* input, std::size_t count,
                    float* output, std::uint8_t* flags);
  /// Steps one sample of up to `workspaces_` streams of one lane each.
  void StepGroup(float* states, const float* input, std::size_t count, float* output,
                 std::uint8_t* flags);
  [[gnu::always_inline]] inline Result StepLane(float* lane, const Header& header, float* output);
  Result StepLanes(float* lane, const Header& header, const float* input, float* output);
  Result StepWindow(float* lane, const Header& header, const float* input, float* output);
  [[gnu::always_inline]] inline std::uint8_t Finish(const Result& result, float* state,
                                                    Header* header);
  int AgeOf(int lane, int phase) const;
  bool IsLast(int age) const;
  bool IsDue(int age, int seen) const;
  [[gnu::always_inline]] inline Result CopyOutputs(int index, bool is_last, float* output) const;

  const Target& target_;
  Spec spec_ = {};
  PackedProgram packed_ = {};
  /// The group being stepped.
  Lane lanes_[kMaxGroup] = {};
  /// The count of lanes that have a workspace.
  int workspaces_ = 0;
  /// True when it steps one lane, which has one output at every sample and begins anew at none.
  bool is_plain_ = false;
  /// The state before a run; null where the program has none.
  std::unique_ptr<float[]> saved_state_;
};

}  // namespace lstmd
