#include <algorithm>
#include <cstdint>
#include <string>

#include "format/parse-op.h"
#include "format/reader.h"
#include "format/spec.h"

namespace lstmd {
namespace {

class Parser {
 public:
  Parser(std::span<const std::int32_t> words, const Weights& weights, Spec* spec)
      : reader_(words, weights), spec_(*spec) {}

  std::string Run() {
    ReadHeader();
    ReadValues();
    ReadOutputs();
    for (int i = 0; i < op_count_ && reader_.ok(); ++i) {
      reader_.EnterOperation(i);
      if (spec_.whole_window) {
        ReadWindowOp();
      } else {
        spec_.ops.push_back(ReadOp(reader_, scope_));
      }
    }
    reader_.Enter("program");
    if (reader_.ok() && !reader_.AtEnd()) reader_.Fail("has words after its last operation");
    for (const OutputSpec& output : spec_.outputs)
      if (!scope_.written[static_cast<std::size_t>(output.value)])
        reader_.Fail("gives an output that no operation writes");
    CheckState(reader_, scope_);
    spec_.values = std::move(scope_.values);
    return reader_.error();
  }

  int fault_operation() const { return reader_.fault_operation(); }

 private:
  void ReadHeader() {
    if (reader_.Word() != kMagic) reader_.Fail("does not begin with the magic word");
    if (reader_.Word() != kVersion) reader_.Fail("is of another version");
    spec_.mode = static_cast<Mode>(reader_.Number("mode", 0, 2));
    spec_.whole_window = reader_.Number("wholeWindow", 0, 1) == 1;
    spec_.window = reader_.Number("window", 1, kSeenLimit);
    spec_.stride = reader_.Number("stride", 1, kSeenLimit);
    spec_.lanes = reader_.Number("lanes", 1, kMaxSize);
    spec_.warmup_samples = reader_.Number("warmupSamples", 0, kSeenLimit);
    spec_.features = reader_.Number("features", 1, kMaxSize);
    value_count_ = reader_.Number("valueCount", 1, kMaxSize);
    op_count_ = reader_.Number("opCount", 0, kMaxSize);
    output_count_ = reader_.Number("outputCount", 1, kMaxSize);
    scope_.lane_state_size = spec_.lane_state_size = reader_.Number("laneStateSize", 0, kMaxSize);
    spec_.weight_format = static_cast<WeightFormat>(reader_.Number("weightFormat", 0, 2));
    if (!reader_.ok()) return;
    const std::int64_t lane_size = spec_.whole_window ? std::int64_t{spec_.window} * spec_.features
                                                      : std::int64_t{spec_.lane_state_size};
    spec_.state_size = kStateHeaderSize + std::int64_t{spec_.lanes} * lane_size;
    if (spec_.state_size > kMaxStateFloats) reader_.Fail("has a state too large");
    CheckMode();
  }

  void CheckMode() {
    const bool has_lanes = spec_.mode == Mode::kSliding && !spec_.whole_window;
    if (has_lanes) {
      const std::int64_t period = std::int64_t{spec_.lanes} * spec_.stride;
      // The lanes must cover a window, and a float32 must be able to count the phases.
      if (period < spec_.window) reader_.Fail("has too few lanes for its window");
      if (period > kSeenLimit) reader_.Fail("has too many phases");
    } else if (spec_.lanes != 1 || (spec_.mode != Mode::kSliding && spec_.stride != 1)) {
      reader_.Fail("has lanes or a stride outside of the sliding mode");
    }
    if (spec_.whole_window && spec_.mode != Mode::kSliding)
      reader_.Fail("runs whole windows outside of the sliding mode");
  }

  void ReadValues() {
    std::int64_t total = 0;
    for (int i = 0; i < value_count_ && reader_.ok(); ++i) {
      const int steps = spec_.whole_window ? reader_.Number("value steps", 1, kSeenLimit) : 1;
      const int size = reader_.Number("value size", 1, kMaxSize);
      scope_.values.push_back({steps, size});
      total += std::int64_t{steps} * size;
      if (total > kMaxValueFloats) reader_.Fail("has too many values");
    }
    if (!reader_.ok()) return;
    const ValueSpec& input = scope_.values[0];
    if (input.size != spec_.features || (spec_.whole_window && input.steps != spec_.window))
      reader_.Fail("has a value 0 that is not the input");
    scope_.written.assign(scope_.values.size(), false);
    scope_.written[0] = true;
  }

  void ReadOutputs() {
    for (int i = 0; i < output_count_ && reader_.ok(); ++i) {
      OutputSpec output = {reader_.Number("output value", 0, value_count_ - 1), kNone, kNone};
      if (!reader_.ok()) return;
      const int size = scope_.SizeOf(output.value);
      if (!spec_.whole_window && !reader_.TakeNone()) {
        output.held_offset = ReadStateOffset(reader_, scope_, "heldOffset", size);
        output.holds_offset = ReadStateOffset(reader_, scope_, "holdsOffset", 1);
      }
      spec_.outputs.push_back(output);
      spec_.output_size += size;
      if (spec_.output_size > kMaxSize) reader_.Fail("has too large a row of outputs");
    }
  }

  void ReadWindowOp() {
    const std::size_t start = reader_.position();
    WindowOpSpec op = {};
    op.code = static_cast<WindowOpCode>(reader_.Number(
        "code", static_cast<int>(WindowOpCode::kScan), static_cast<int>(WindowOpCode::kTranspose)));
    const std::int32_t word_count = reader_.Word();
    if (op.code == WindowOpCode::kScan) {
      ReadScan(op);
    } else {
      op.input = ReadWrittenValue(reader_, scope_, "input");
      op.output = reader_.ok() ? ReadNewValue(reader_, scope_, "output") : 0;
      if (reader_.ok()) ReadRearrangement(op);
      if (reader_.ok()) scope_.MarkWritten(op.output);
    }
    CheckWordCount(reader_, start, word_count);
    if (reader_.ok()) spec_.window_ops.push_back(std::move(op));
  }

  void ReadScan(WindowOpSpec& op) {
    op.reverse = reader_.Number("reverse", 0, 1) == 1;
    op.initial_states = ReadScanStates("initial state", ReadWrittenValue);
    op.final_states = ReadScanStates("final state", ReadNewValue);
    for (const ScanState& state : op.final_states)
      if (reader_.ok()) scope_.MarkWritten(state.value);
    op.op = ReadOp(reader_, scope_);
    if (!reader_.ok()) return;
    // The step must not read what only the last step gives.
    for (const ScanState& state : op.final_states)
      for (const int source : op.op.sources)
        if (source == state.value) reader_.Fail("reads a final state of its own");
    op.input = op.op.input;
    op.output = op.op.output;
    for (const int source : op.op.sources)
      if (scope_.StepsOf(source) != scope_.StepsOf(op.input))
        reader_.Fail("runs over values of different steps");
    // The scratch state is zeroed before each scan, so scans may share it.
    CheckState(reader_, scope_);
  }

  std::vector<ScanState> ReadScanStates(const char* name,
                                        int (*read_value)(Reader&, const Scope&, const char*)) {
    std::vector<ScanState> states;
    const int count = reader_.Number("count of states", 0, kMaxScanStates);
    for (int i = 0; i < count && reader_.ok(); ++i) {
      const int value = read_value(reader_, scope_, name);
      if (!reader_.ok()) break;
      const int size = scope_.SizeOf(value);
      if (scope_.StepsOf(value) != 1) reader_.Fail("has a state of several steps");
      if (size > scope_.lane_state_size) reader_.Fail("has a state larger than the lane's");
      states.push_back(
          {value, reader_.Number("state offset", 0, std::max(0, scope_.lane_state_size - size))});
    }
    return states;
  }

  void ReadRearrangement(WindowOpSpec& op) {
    const ValueSpec& from = scope_.values[static_cast<std::size_t>(op.input)];
    const ValueSpec& to = scope_.values[static_cast<std::size_t>(op.output)];
    bool fits = from.size == to.size;
    switch (op.code) {
      case WindowOpCode::kScan:
        break;
      case WindowOpCode::kPad: {
        op.before = reader_.Number("before", 0, kSeenLimit);
        const int after = reader_.Number("after", 0, kSeenLimit);
        op.value = reader_.Parameter("value");
        fits = fits && std::int64_t{op.before} + from.steps + after == to.steps;
        break;
      }
      case WindowOpCode::kCrop:
        op.before = reader_.Number("before", 0, kSeenLimit);
        fits = fits && op.before + to.steps <= from.steps;
        break;
      case WindowOpCode::kRepeat:
        fits = fits && from.steps == 1;
        break;
      case WindowOpCode::kReshape:
        fits = std::int64_t{from.steps} * from.size == std::int64_t{to.steps} * to.size;
        break;
      case WindowOpCode::kTranspose:
        fits = from.steps == to.size && from.size == to.steps;
        break;
    }
    if (!fits) reader_.Fail("has an output of a shape that its input does not give");
  }

  Reader reader_;
  Scope scope_;
  Spec& spec_;
  int value_count_ = 0;
  int op_count_ = 0;
  int output_count_ = 0;
};

}  // namespace

std::string Parse(std::span<const std::int32_t> words, const Weights& weights, Spec* spec,
                  int* fault_operation) {
  *spec = {};
  Parser parser(words, weights, spec);
  std::string error = parser.Run();
  if (fault_operation != nullptr) *fault_operation = parser.fault_operation();
  return error;
}

}  // namespace lstmd
