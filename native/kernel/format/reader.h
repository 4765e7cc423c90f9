// Reads an encoded program word by word.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "format/activation.h"
#include "format/codes.h"
#include "format/weights.h"

namespace lstmd {

/// The limit of sizes: far above any model for an edge device, and far below where products of ints
/// overflow.
inline constexpr int kMaxSize = 1 << 20;
/// The states of an LSTM are two; no operation has more.
inline constexpr int kMaxScanStates = 2;
inline constexpr std::int64_t kMaxValueFloats = 1 << 24;
inline constexpr std::int64_t kMaxStateFloats = 1 << 28;

/// The first fault stops the reading: every later number is then the least allowed, every tensor
/// null.
class Reader {
 public:
  Reader(std::span<const std::int32_t> words, const Weights& weights)
      : words_(words), weights_(weights) {}

  bool ok() const { return error_.empty(); }
  const std::string& error() const { return error_; }
  std::size_t position() const { return next_; }
  bool AtEnd() const { return next_ == words_.size(); }

  /// Names the part of the program that later faults are reported for; it is no operation.
  void Enter(std::string where) {
    where_ = std::move(where);
    operation_ = kNone;
  }
  /// Reports a fault, unless there is one already: `what` follows the name of the part.
  void Fail(const std::string& what);
  /// Makes operation `index` the part of the program that later faults are reported for.
  void EnterOperation(int index);
  /// The operation that the fault is reported for; kNone where it is another part of the program.
  int fault_operation() const { return fault_operation_; }

  std::int32_t Word();
  /// A word that is a number from `least` to `most`.
  int Number(const char* name, int least, int most);
  /// The next `count` words, each a number from `least` to `most`.
  std::vector<int> Numbers(const char* name, std::int64_t count, int least, int most);
  /// Takes the next word and returns true where it is kNone; else leaves it.
  bool TakeNone();
  /// `count * size` floats of the weights, all of them finite; the word is their offset.
  const float* Tensor(const char* name, std::int64_t size, std::int64_t count = 1);
  const float* OptionalTensor(const char* name, std::int64_t size);
  /// A single float of the weights; never NaN.
  float Parameter(const char* name);
  Activation ReadActivation();

 private:
  std::span<const std::int32_t> words_;
  const Weights& weights_;
  std::size_t next_ = 0;
  std::string where_ = "program";
  std::string error_;
  int operation_ = kNone;
  int fault_operation_ = kNone;
};

}  // namespace lstmd
