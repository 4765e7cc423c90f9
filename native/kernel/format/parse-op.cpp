#include "format/parse-op.h"

#include <cstdint>
#include <limits>
#include <string>

namespace lstmd {
namespace {

/// Reads the operands of one operation whose input and output are known.
class OperandReader {
 public:
  OperandReader(Reader& reader, Scope& scope, OpSpec& op)
      : reader_(reader), scope_(scope), op_(op) {}

  void Run() {
    switch (op_.code) {
#define LSTMD_READ(Name) \
  case OpCode::k##Name:  \
    return Read(op_.operands.emplace<Name##Op>());
      LSTMD_STEP_OPERATIONS(LSTMD_READ)
#undef LSTMD_READ
    }
  }

 private:
  std::int64_t inputs() const { return op_.inputs; }
  std::int64_t units() const { return op_.units; }

  int ReadState(const char* name, int size) {
    op_.has_state = true;
    return ReadStateOffset(reader_, scope_, name, size);
  }

  /// Reads the offset of a state that is another operation's own, so that it takes no room here.
  int ReadOthersState(const char* name, int size, const char* fault) {
    op_.has_state = true;
    const int offset = reader_.Number(name, 0, scope_.lane_state_size);
    if (std::int64_t{offset} + size > scope_.lane_state_size) reader_.Fail(fault);
    return offset;
  }

  void RequireSameSize() {
    if (op_.inputs != op_.units) reader_.Fail("changes the size of its value");
  }

  /// The value of a mask that the operation reads, or kNone.
  int ReadMaskSource() {
    if (reader_.TakeNone()) return kNone;
    const int mask = ReadWrittenValue(reader_, scope_, "mask");
    if (!reader_.ok()) return mask;
    if (scope_.SizeOf(mask) != 1) reader_.Fail("has a mask that is not one float");
    op_.sources.push_back(mask);
    return mask;
  }

  void ReadMatrices(RecurrentOp& op, std::int64_t gates) {
    op.mask = ReadMaskSource();
    op.kernel = reader_.Tensor("kernel", inputs() * gates * units());
    op.recurrent_kernel = reader_.Tensor("recurrent kernel", units() * gates * units());
    op.bias = reader_.OptionalTensor("bias", gates * units());
  }

  float ReadClip() {
    return reader_.TakeNone() ? std::numeric_limits<float>::infinity() : reader_.Parameter("clip");
  }

  void Read(LstmOp& op) {
    ReadMatrices(op, 4);
    op.activation = reader_.ReadActivation();
    op.recurrent_activation = reader_.ReadActivation();
    op.h_offset = ReadState("hOffset", op_.units);
    op.c_offset = ReadState("cOffset", op_.units);
    op.clip = ReadClip();
    op.peepholes = reader_.OptionalTensor("peepholes", 3 * units());
    op.state_activation = reader_.ReadActivation();
    op.is_coupled = reader_.Number("isCoupled", 0, 1) == 1;
  }

  void Read(GruOp& op) {
    ReadMatrices(op, 3);
    op.recurrent_bias = reader_.OptionalTensor("recurrent bias", 3 * units());
    op.reset_after = reader_.Number("resetAfter", 0, 1) == 1;
    if (op.recurrent_bias != nullptr && !op.reset_after)
      reader_.Fail("has a recurrent bias without resetAfter");
    op.activation = reader_.ReadActivation();
    op.recurrent_activation = reader_.ReadActivation();
    op.h_offset = ReadState("hOffset", op_.units);
    op.clip = ReadClip();
  }

  void Read(SimpleRnnOp& op) {
    ReadMatrices(op, 1);
    op.activation = reader_.ReadActivation();
    op.h_offset = ReadState("hOffset", op_.units);
    op.clip = ReadClip();
  }

  void Read(DenseOp& op) {
    op.kernel = reader_.Tensor("kernel", inputs() * units());
    op.bias = reader_.OptionalTensor("bias", units());
    op.activation = reader_.ReadActivation();
  }

  void Read(TimeDenseOp& op) {
    op.steps = reader_.Number("steps", 1, kSeenLimit);
    op.kernel = reader_.Tensor("kernel", inputs() * units(), op.steps);
    op.bias = reader_.OptionalTensor("bias", units());
    op.activation = reader_.ReadActivation();
    op.acc_offset = ReadState("accOffset", op_.units);
    op.position_offset = ReadState("positionOffset", 1);
  }

  void Read(ActivationOp& op) {
    op.activation = reader_.ReadActivation();
    RequireSameSize();
  }

  void Read(AffineOp& op) {
    op.scale = reader_.Tensor("scale", units());
    op.shift = reader_.Tensor("shift", units());
    RequireSameSize();
  }

  void Read(PreluOp& op) {
    op.steps = reader_.Number("steps", 1, kSeenLimit);
    op.alpha = reader_.Tensor("alpha", units(), op.steps);
    op.position_offset = kNone;
    if (!reader_.TakeNone()) {
      op.position_offset = ReadState("positionOffset", 1);
    } else if (op.steps > 1) {
      reader_.Fail("has an alpha for each step and no positionOffset");
    }
    RequireSameSize();
  }

  void Read(LayerNormOp& op) {
    op.gamma = reader_.OptionalTensor("gamma", units());
    op.beta = reader_.OptionalTensor("beta", units());
    op.epsilon = reader_.Parameter("epsilon");
    RequireSameSize();
  }

  void Read(MaskOp& op) {
    op.value = reader_.Parameter("maskValue");
    op.mask = ReadNewValue(reader_, scope_, "mask");
    op_.mask_output = op.mask;
    if (!reader_.ok()) return;
    if (scope_.SizeOf(op.mask) != 1) reader_.Fail("has a mask that is not one float");
    if (op.mask == op_.output) reader_.Fail("writes its mask over its output");
    RequireSameSize();
  }

  /// Reads a list of inputs, whose first is the operation's input, already read.
  void ReadSources() {
    const int count = reader_.Number("count of inputs", 1, kMaxSize);
    for (int i = 0; i < count && reader_.ok(); ++i) {
      const int source = ReadWrittenValue(reader_, scope_, "input");
      if (i == 0 && source != op_.input) reader_.Fail("has another first input");
      if (i > 0) op_.sources.push_back(source);
    }
  }

  void Read(MergeOp& op) {
    op.operation = static_cast<MergeCode>(
        reader_.Number("operation", 0, static_cast<int>(MergeCode::kDivide)));
    ReadSources();
    if (op.operation == MergeCode::kSubtract && op_.sources.size() != 2)
      reader_.Fail("subtracts a count of values that is not two");
    if (op.operation == MergeCode::kDivide && op_.sources.size() != 2)
      reader_.Fail("divides a count of values that is not two");
    for (const int source : op_.sources)
      if (scope_.SizeOf(source) != op_.units) reader_.Fail("merges values of other sizes");
  }

  void Read(ConcatenateOp&) {
    ReadSources();
    std::int64_t total = 0;
    for (const int source : op_.sources) total += scope_.SizeOf(source);
    if (total != op_.units) reader_.Fail("has inputs that do not add up to its output");
  }

  void ReadSpan(SpanOp& op) {
    op.size = reader_.Number("size", 1, kMaxSize);
    op.stride = reader_.Number("stride", 1, kMaxSize);
    op.dilation = reader_.Number("dilation", 1, kMaxSize);
    const std::int64_t history = std::int64_t{op.dilation} * (op.size - 1);
    if (history * inputs() > kMaxSize) {
      op.size = 1;
      return reader_.Fail("looks back too far");
    }
    op.pad_before = reader_.Number("padBefore", 0, HistoryOf(op));
    op.history_offset = ReadState("historyOffset", HistoryOf(op) * op_.inputs);
    op.count_offset = ReadState("countOffset", 1);
  }

  void Read(ConvOp& op) {
    ReadSpan(op);
    op.groups = reader_.Number("groups", 1, kMaxSize);
    if (op_.inputs % op.groups != 0 || op_.units % op.groups != 0)
      reader_.Fail("has groups that divide its inputs or its filters with a remainder");
    op.kernel = reader_.Tensor("kernel", inputs() / op.groups * units(), op.size);
    op.bias = reader_.OptionalTensor("bias", units());
    op.activation = reader_.ReadActivation();
  }

  void Read(PoolOp& op) {
    ReadSpan(op);
    op.operation = ReadPoolCode();
    op.seen_offset = kNone;
    if (!reader_.TakeNone()) {
      op.seen_offset = ReadState("seenOffset", 1);
    } else if (op.pad_before > 0) {
      reader_.Fail("has padding and no seenOffset");
    }
    RequireSameSize();
  }

  PoolCode ReadPoolCode() {
    return static_cast<PoolCode>(
        reader_.Number("operation", 0, static_cast<int>(PoolCode::kAverage)));
  }

  void Read(GlobalPoolOp& op) {
    op.operation = ReadPoolCode();
    op.acc_offset = ReadState("accOffset", op_.units);
    op.count_offset = ReadState("countOffset", 1);
    op.mask = ReadMaskSource();
    RequireSameSize();
  }

  void Read(SkipOp& op) {
    op.count = reader_.Number("count", 0, kSeenLimit);
    op.count_offset = ReadState("countOffset", 1);
    RequireSameSize();
  }

  void Read(BeginOp& op) {
    op.count = reader_.Number("count", 1, kMaxSize);
    op.states = reader_.Tensor("states", op.count);
    op.states_offset = ReadOthersState("statesOffset", op.count, "begins states beyond the lane's");
    op.begun_offset = ReadState("begunOffset", 1);
    RequireSameSize();
  }

  void Read(RecallOp& op) {
    op.state_offset =
        ReadOthersState("stateOffset", op_.units, "recalls a state beyond the lane's");
  }

  void Read(KeepOp& op) {
    op.state_offset = ReadState("stateOffset", op_.units);
    RequireSameSize();
  }

  void Read(GatherOp& op) {
    op.indices = nullptr;
    op_.indices = reader_.Numbers("index", units(), kNone, op_.inputs - 1);
  }

  void Read(ReduceOp& op) {
    op.operation = static_cast<ReduceCode>(
        reader_.Number("operation", 0, static_cast<int>(ReduceCode::kMinimum)));
    if (op_.inputs % op_.units != 0) reader_.Fail("reduces runs of different lengths");
  }

  void Read(MatMulOp& op) {
    op.right = ReadWrittenValue(reader_, scope_, "right factor");
    op.count = reader_.Number("count", 1, kMaxSize);
    op.rows = reader_.Number("rows", 1, kMaxSize);
    op.inner = reader_.Number("inner", 1, kMaxSize);
    op.columns = reader_.Number("columns", 1, kMaxSize);
    if (!reader_.ok()) return;
    op_.sources.push_back(op.right);
    // Each factor is at most 2^20, so that a product of two of them cannot overflow.
    const auto is_size = [&op](int size, int rows, int columns) {
      return size % op.count == 0 && std::int64_t{rows} * columns == size / op.count;
    };
    if (!is_size(op_.inputs, op.rows, op.inner) ||
        !is_size(scope_.SizeOf(op.right), op.inner, op.columns) ||
        !is_size(op_.units, op.rows, op.columns))
      reader_.Fail("multiplies matrices of other sizes");
  }

  Reader& reader_;
  Scope& scope_;
  OpSpec& op_;
};

}  // namespace

OpSpec ReadOp(Reader& reader, Scope& scope) {
  const std::size_t start = reader.position();
  OpSpec op = {};
  op.mask_output = kNone;
  op.code = static_cast<OpCode>(reader.Number("code", 1, kMaxOpCode));
  const std::int32_t word_count = reader.Word();
  op.input = ReadWrittenValue(reader, scope, "input");
  op.output = reader.ok() ? ReadNewValue(reader, scope, "output") : 0;
  if (!reader.ok()) return op;
  op.inputs = scope.SizeOf(op.input);
  op.units = scope.SizeOf(op.output);
  op.sources.push_back(op.input);
  OperandReader(reader, scope, op).Run();
  CheckWordCount(reader, start, word_count);
  scope.MarkWritten(op.output);
  if (op.mask_output != kNone) scope.MarkWritten(op.mask_output);
  return op;
}

}  // namespace lstmd
