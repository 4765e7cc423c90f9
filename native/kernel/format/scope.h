#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "format/reader.h"
#include "format/spec.h"

namespace lstmd {

/// The values and the state that operations refer to, and which of them are taken.
struct Scope {
  std::vector<ValueSpec> values;
  std::vector<bool> written;
  int lane_state_size = 0;
  /// Offset and size of each state tensor.
  std::vector<std::pair<int, int>> state;

  int SizeOf(int value) const { return values[static_cast<std::size_t>(value)].size; }
  void MarkWritten(int value) { written[static_cast<std::size_t>(value)] = true; }
  int StepsOf(int value) const { return values[static_cast<std::size_t>(value)].steps; }
};

/// Reads the id of a value that is already written.
int ReadWrittenValue(Reader& reader, const Scope& scope, const char* name);
/// Reads the id of a value that is not written yet.
int ReadNewValue(Reader& reader, const Scope& scope, const char* name);
/// Reads the offset of a state tensor of `size` floats in the lane.
int ReadStateOffset(Reader& reader, Scope& scope, const char* name, int size);
/// Fails where two of the state tensors read so far overlap, and forgets them.
void CheckState(Reader& reader, Scope& scope);

/// Fails where the count of words since `start` is not the one that the operation gave.
void CheckWordCount(Reader& reader, std::size_t start, std::int32_t word_count);

}  // namespace lstmd
