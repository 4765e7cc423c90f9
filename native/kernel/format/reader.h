// Takes an encoded program apart, word by word.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "format/activation.h"
#include "format/format.h"

namespace lstmd {

/// Far above any model for an edge box, and far below where int arithmetic could overflow.
inline constexpr int kMaxSize = 1 << 20;
inline constexpr std::int64_t kMaxValueFloats = 1 << 24;
inline constexpr std::int64_t kMaxStateFloats = 1 << 28;

/// The first fault stops the reading: every later answer is then the least allowed, or null.
class Reader {
 public:
  Reader(std::span<const std::int32_t> words, std::span<const float> weights)
      : words_(words), weights_(weights) {}

  bool ok() const { return error_.empty(); }
  const std::string& error() const { return error_; }
  std::size_t position() const { return next_; }
  bool AtEnd() const { return next_ == words_.size(); }

  /// What faults from here on are said of.
  void Enter(std::string where) {
    where_ = std::move(where);
    operation_ = kNone;
  }
  void Fail(const std::string& what);
  /// Makes operation `index` the part of the program that later faults are reported for.
  void EnterOperation(int index);
  /// The operation that the fault is reported for; kNone where it is another part of the program.
  int fault_operation() const { return fault_operation_; }

  std::int32_t Word();
  int Number(const char* name, int least, int most);
  /// True, and the word is taken, where it says that there is none.
  bool TakeNone();
  /// `count * size` floats of the weights, all of them finite.
  const float* Tensor(const char* name, std::int64_t size, std::int64_t count = 1);
  const float* OptionalTensor(const char* name, std::int64_t size);
  /// A single float of the weights; never NaN.
  float Parameter(const char* name);
  Activation ReadActivation();

 private:
  std::span<const std::int32_t> words_;
  std::span<const float> weights_;
  std::size_t next_ = 0;
  std::string where_ = "program";
  std::string error_;
  int operation_ = kNone;
  int fault_operation_ = kNone;
};

}  // namespace lstmd
