#include "format/scope.h"

#include <algorithm>

namespace lstmd {

int ReadWrittenValue(Reader& reader, const Scope& scope, const char* name) {
  const int value = reader.Number(name, 0, static_cast<int>(scope.values.size()) - 1);
  if (reader.ok() && !scope.written[static_cast<std::size_t>(value)])
    reader.Fail("reads a value before it is written");
  return value;
}

int ReadNewValue(Reader& reader, const Scope& scope, const char* name) {
  const int value = reader.Number(name, 0, static_cast<int>(scope.values.size()) - 1);
  if (!reader.ok()) return value;
  if (scope.written[static_cast<std::size_t>(value)])
    reader.Fail("writes a value that is already written");
  return value;
}

int ReadStateOffset(Reader& reader, Scope& scope, const char* name, int size) {
  const int offset = reader.Number(name, 0, std::max(0, scope.lane_state_size - size));
  if (size > scope.lane_state_size) reader.Fail("has a state larger than the lane's");
  // A tensor without floats overlaps with none.
  if (size > 0) scope.state.emplace_back(offset, size);
  return offset;
}

void CheckState(Reader& reader, Scope& scope) {
  std::vector<std::pair<int, int>>& state = scope.state;
  std::sort(state.begin(), state.end());
  for (std::size_t i = 1; i < state.size(); ++i)
    if (state[i].first < state[i - 1].first + state[i - 1].second)
      reader.Fail("has state tensors that overlap");
  state.clear();
}

void CheckWordCount(Reader& reader, std::size_t start, std::int32_t word_count) {
  if (reader.position() - start != static_cast<std::size_t>(word_count))
    reader.Fail("has a wrong count of words");
}

}  // namespace lstmd
