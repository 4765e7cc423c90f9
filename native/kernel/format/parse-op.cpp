#include "format/parse-op.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace lstmd {
namespace {

class OpReader {
 public:
  OpReader(Reader& reader, Scope& scope, OpSpec& op) : reader_(reader), scope_(scope), op_(op) {}

  void ReadOperands() {
    switch (op_.code) {
      case OpCode::kLstm:
      case OpCode::kGru:
      case OpCode::kSimpleRnn:
        return ReadRecurrent();
      case OpCode::kDense:
        op_.kernel = reader_.Tensor("kernel", inputs() * units());
        op_.bias = reader_.OptionalTensor("bias", units());
        op_.activation = reader_.ReadActivation();
        return;
      case OpCode::kTimeDense:
        return ReadTimeDense();
      case OpCode::kActivation:
        op_.activation = reader_.ReadActivation();
        return RequireSameSize();
      case OpCode::kAffine:
        op_.scale = reader_.Tensor("scale", units());
        op_.shift = reader_.Tensor("shift", units());
        return RequireSameSize();
      case OpCode::kPrelu:
        return ReadPrelu();
      case OpCode::kLayerNorm:
        op_.scale = reader_.OptionalTensor("gamma", units());
        op_.shift = reader_.OptionalTensor("beta", units());
        op_.parameter = reader_.Parameter("epsilon");
        return RequireSameSize();
      case OpCode::kMask:
        return ReadMask();
      case OpCode::kMerge:
        op_.merge = static_cast<MergeCode>(
            reader_.Number("operation", 0, static_cast<int>(MergeCode::kMinimum)));
        return ReadMerge();
      case OpCode::kConcatenate:
        return ReadConcatenate();
      case OpCode::kConv:
        return ReadConv();
      case OpCode::kPool:
        return ReadPool();
      case OpCode::kGlobalPool:
        return ReadGlobalPool();
      case OpCode::kSkip:
        op_.skipped = reader_.Number("count", 0, kSeenLimit);
        op_.count_offset = State("countOffset", 1);
        return RequireSameSize();
    }
  }

 private:
  std::int64_t inputs() const { return op_.inputs; }
  std::int64_t units() const { return op_.units; }

  int State(const char* name, int size) { return ReadStateOffset(reader_, scope_, name, size); }

  void RequireSameSize() {
    if (op_.inputs != op_.units) reader_.Fail("changes the size of its value");
  }

  void ReadMaskSource() {
    if (reader_.TakeNone()) return;
    op_.mask = ReadSource(reader_, scope_, "mask");
    if (!reader_.ok()) return;
    if (scope_.SizeOf(op_.mask) != 1) reader_.Fail("has a mask that is not one float");
    op_.sources.push_back(op_.mask);
  }

  void ReadRecurrent() {
    const int gates = op_.code == OpCode::kLstm ? 4 : op_.code == OpCode::kGru ? 3 : 1;
    ReadMaskSource();
    op_.kernel = reader_.Tensor("kernel", inputs() * gates * units());
    op_.recurrent_kernel = reader_.Tensor("recurrent kernel", units() * gates * units());
    op_.bias = reader_.OptionalTensor("bias", gates * units());
    if (op_.code == OpCode::kGru) {
      op_.recurrent_bias = reader_.OptionalTensor("recurrent bias", gates * units());
      op_.reset_after = reader_.Number("resetAfter", 0, 1) == 1;
      if (op_.recurrent_bias != nullptr && !op_.reset_after)
        reader_.Fail("has a recurrent bias without resetAfter");
    }
    op_.activation = reader_.ReadActivation();
    if (op_.code != OpCode::kSimpleRnn) op_.recurrent_activation = reader_.ReadActivation();
    op_.h_offset = State("hOffset", op_.units);
    if (op_.code == OpCode::kLstm) op_.c_offset = State("cOffset", op_.units);
  }

  void ReadTimeDense() {
    op_.steps = reader_.Number("steps", 1, kSeenLimit);
    op_.kernel = reader_.Tensor("kernel", inputs() * units(), op_.steps);
    op_.bias = reader_.OptionalTensor("bias", units());
    op_.activation = reader_.ReadActivation();
    op_.acc_offset = State("accOffset", op_.units);
    op_.count_offset = State("positionOffset", 1);
  }

  void ReadPrelu() {
    op_.steps = reader_.Number("steps", 1, kSeenLimit);
    op_.alpha = reader_.Tensor("alpha", units(), op_.steps);
    if (!reader_.TakeNone()) {
      op_.count_offset = State("positionOffset", 1);
    } else if (op_.steps > 1) {
      reader_.Fail("has an alpha for each step and no positionOffset");
    }
    RequireSameSize();
  }

  void ReadMask() {
    op_.parameter = reader_.Parameter("maskValue");
    op_.mask = ReadTarget(reader_, scope_, "mask");
    if (!reader_.ok()) return;
    if (scope_.SizeOf(op_.mask) != 1) reader_.Fail("has a mask that is not one float");
    if (op_.mask == op_.output) reader_.Fail("writes its mask over its output");
    RequireSameSize();
  }

  /// The first source is the input, already read.
  void ReadSources() {
    const int count = reader_.Number("count of inputs", 1, kMaxSize);
    for (int i = 0; i < count && reader_.ok(); ++i) {
      const int source = ReadSource(reader_, scope_, "input");
      if (i == 0 && source != op_.input) reader_.Fail("has another first input");
      if (i > 0) op_.sources.push_back(source);
    }
  }

  void ReadMerge() {
    ReadSources();
    if (op_.merge == MergeCode::kSubtract && op_.sources.size() != 2)
      reader_.Fail("subtracts a count of values that is not two");
    for (const int source : op_.sources)
      if (scope_.SizeOf(source) != op_.units) reader_.Fail("merges values of other sizes");
  }

  void ReadConcatenate() {
    ReadSources();
    std::int64_t total = 0;
    for (const int source : op_.sources) total += scope_.SizeOf(source);
    if (total != op_.units) reader_.Fail("has inputs that do not add up to its output");
  }

  void ReadSpan() {
    op_.size = reader_.Number("size", 1, kMaxSize);
    op_.stride = reader_.Number("stride", 1, kMaxSize);
    op_.dilation = reader_.Number("dilation", 1, kMaxSize);
    const std::int64_t history = std::int64_t{op_.dilation} * (op_.size - 1);
    if (history * inputs() > kMaxSize) {
      op_.size = 1;
      return reader_.Fail("looks back too far");
    }
    op_.pad_before = reader_.Number("padBefore", 0, op_.history());
    op_.history_offset = State("historyOffset", op_.history() * op_.inputs);
    op_.count_offset = State("countOffset", 1);
  }

  void ReadConv() {
    ReadSpan();
    op_.groups = reader_.Number("groups", 1, kMaxSize);
    if (op_.inputs % op_.groups != 0 || op_.units % op_.groups != 0)
      reader_.Fail("has groups that divide its inputs or its filters with a remainder");
    op_.kernel = reader_.Tensor("kernel", inputs() / op_.groups * units(), op_.size);
    op_.bias = reader_.OptionalTensor("bias", units());
    op_.activation = reader_.ReadActivation();
  }

  void ReadPool() {
    ReadSpan();
    ReadPoolCode();
    if (op_.dilation != 1) reader_.Fail("pools with a dilation");
    if (!reader_.TakeNone()) {
      op_.seen_offset = State("seenOffset", 1);
    } else if (op_.pad_before > 0) {
      reader_.Fail("has padding and no seenOffset");
    }
    RequireSameSize();
  }

  void ReadPoolCode() {
    op_.pool =
        static_cast<PoolCode>(reader_.Number("operation", 0, static_cast<int>(PoolCode::kAverage)));
  }

  void ReadGlobalPool() {
    ReadPoolCode();
    op_.acc_offset = State("accOffset", op_.units);
    op_.count_offset = State("countOffset", 1);
    ReadMaskSource();
    RequireSameSize();
  }

  Reader& reader_;
  Scope& scope_;
  OpSpec& op_;
};

}  // namespace

int ReadSource(Reader& reader, const Scope& scope, const char* name) {
  const int value = reader.Number(name, 0, static_cast<int>(scope.values.size()) - 1);
  if (reader.ok() && !scope.written[static_cast<std::size_t>(value)])
    reader.Fail("reads a value before it is written");
  return value;
}

int ReadTarget(Reader& reader, const Scope& scope, const char* name) {
  const int value = reader.Number(name, 0, static_cast<int>(scope.values.size()) - 1);
  if (!reader.ok()) return value;
  if (scope.written[static_cast<std::size_t>(value)])
    reader.Fail("writes a value that is already written");
  return value;
}

int ReadStateOffset(Reader& reader, Scope& scope, const char* name, int size) {
  const int offset = reader.Number(name, 0, std::max(0, scope.lane_state_size - size));
  if (size > scope.lane_state_size) reader.Fail("has a state larger than the lane's");
  // Nothing is in nobody's way.
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

OpSpec ReadOp(Reader& reader, Scope& scope) {
  const std::size_t start = reader.position();
  OpSpec op = {};
  op.code = static_cast<OpCode>(reader.Number("code", 1, static_cast<int>(OpCode::kSkip)));
  const std::int32_t word_count = reader.Word();
  op.input = ReadSource(reader, scope, "input");
  op.output = reader.ok() ? ReadTarget(reader, scope, "output") : 0;
  if (!reader.ok()) return op;
  op.inputs = scope.SizeOf(op.input);
  op.units = scope.SizeOf(op.output);
  op.sources.push_back(op.input);
  OpReader(reader, scope, op).ReadOperands();
  CheckWordCount(reader, start, word_count);
  scope.MarkWritten(op.output);
  if (op.code == OpCode::kMask) scope.MarkWritten(op.mask);
  return op;
}

}  // namespace lstmd
