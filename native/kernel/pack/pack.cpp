#include "pack/pack.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "pack/arena.h"
#include "pack/pack-matrix.h"
#include "pack/pack-recurrent.h"

namespace lstmd {
namespace {

/// 1 GiB: many operations may share the same weights, which are then packed many times.
constexpr std::size_t kMaxPackedFloats = std::size_t{1} << 28;
/// 16 MiB: of models with larger frames fewer lanes are stepped together.
constexpr std::size_t kMaxFramesFloats = std::size_t{1} << 22;

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

class Packer {
 public:
  Packer(const Spec& spec, int width, float* memory, PackedProgram* program)
      : spec_(spec), arena_(memory, width), program_(*program) {}

  /// Floats used, or 0 where a folded weight overflows.
  std::size_t Run() {
    program_.ops.clear();
    program_.holds.clear();
    program_.frames.clear();
    program_.windows.clear();
    program_.indices.clear();
    program_.parts.clear();
    // First what every step writes, then what it only reads, in the order of reading.
    TakeFrames();
    if (spec_.whole_window) TakeWindows();
    for (const OpSpec& op : spec_.ops) PackOp(op);
    for (const WindowOpSpec& op : spec_.window_ops)
      if (op.code == WindowOpCode::kScan) {
        PackOp(op.op);
      } else {
        program_.ops.emplace_back();
      }
    for (const OutputSpec& output : spec_.outputs)
      if (output.held_offset != kNone)
        program_.holds.push_back({output.value, spec_.values[Index(output.value)].size,
                                  Row(output.value), output.held_offset, output.holds_offset});
    if (!spec_.whole_window) FuseActivations();
    MarkHeads();
    const auto heads = std::stable_partition(program_.ops.begin(), program_.ops.end(),
                                             [](const PackedOp& op) { return !op.is_head; });
    program_.packed = {};
    program_.packed.head_count = static_cast<int>(program_.ops.end() - heads);
    program_.packed.op_count = static_cast<int>(program_.ops.size());
    program_.packed.ops = program_.ops.data();
    program_.packed.holds = program_.holds.data();
    program_.packed.hold_count = static_cast<int>(program_.holds.size());
    program_.packed.bounded_size = spec_.whole_window ? 0 : spec_.lane_state_size;
    program_.packed.is_plain = IsPlain();
    program_.packed.fresh = program_.fresh.get();
    PlanAhead();
    return is_finite_ ? arena_.size() : 0;
  }

 private:
  int Row(int value) const { return program_.values[Index(value)]; }

  void TakeFrames() {
    std::int64_t gates = 0;
    std::int64_t gathered = 0;
    const auto include = [this, &gates, &gathered](const OpSpec& op) {
      gates = std::max(gates, GateVectors(op) * arena_.RoundUp(op.units));
      gathered = std::max(gathered, Gathered(op));
    };
    for (const OpSpec& op : spec_.ops) include(op);
    for (const WindowOpSpec& op : spec_.window_ops)
      if (op.code == WindowOpCode::kScan) include(op.op);
    const std::size_t first = arena_.size();
    TakeFrame(gates, gathered);
    const std::size_t size = arena_.size() - first;
    const std::size_t count = spec_.whole_window ? 1 : kMaxFramesFloats / size;
    for (std::size_t i = 1; i < std::min(count, std::size_t{kGroup}); ++i)
      TakeFrame(gates, gathered);
  }

  void TakeFrame(std::int64_t gates, std::int64_t gathered) {
    const std::size_t start = arena_.size();
    const auto take = [this, start](std::int64_t size) {
      const std::size_t offset = arena_.size() - start;
      arena_.Take(arena_.RoundUp(size));
      return static_cast<int>(offset);
    };
    program_.frames.push_back(arena_.next());
    program_.values.clear();
    for (const ValueSpec& value : spec_.values) program_.values.push_back(take(value.size));
    gates_ = take(gates);
    gathered_ = take(gathered);
    // An odd count of lines spreads the frames over all sets of a cache.
    if ((arena_.size() - start) / kLineFloats % 2 == 0) take(1);
  }

  /// Floats that one product needs side by side.
  static std::int64_t Gathered(const OpSpec& op) {
    switch (op.code) {
      case OpCode::kGru:
      case OpCode::kSimpleRnn:
        return std::int64_t{op.units} + op.inputs;
      case OpCode::kConv:
        return std::int64_t{op.size} * op.inputs;
      default:
        return 0;
    }
  }

  /// Whether an activation is the larger of x and slope * x.
  static bool IsLeak(const Activation& activation) {
    const auto& [slope, threshold, most] = activation.parameters;
    return activation.code == ActivationCode::kRelu && slope >= 0 && slope <= 1 && threshold == 0 &&
           most == std::numeric_limits<float>::infinity();
  }

  /// An activation of cells whose output nothing else reads becomes their last part.
  void FuseActivations() {
    std::vector<int> readers(spec_.values.size());
    for (const PackedOp& op : program_.ops)
      for (int k = 0; k < op.source_count; ++k) ++readers[Index(op.sources[k])];
    for (const OutputSpec& output : spec_.outputs) ++readers[Index(output.value)];
    std::vector<PackedOp> ops;
    ops.reserve(program_.ops.size());
    for (const PackedOp& op : program_.ops) {
      const bool is_last_reader =
          op.code == OpCode::kActivation && readers[Index(op.sources[0])] == 1;
      const auto cells = std::find_if(ops.begin(), ops.end(), [&op](const PackedOp& other) {
        return other.h_offset != kNone && other.output == op.sources[0];
      });
      if (!is_last_reader || cells == ops.end() || cells->mask != kNone ||
          cells->after.code != ActivationCode::kLinear) {
        ops.push_back(op);
        continue;
      }
      if (cells->slope == 1 && IsLeak(op.activation)) {
        cells->slope = op.activation.parameters[0];
      } else {
        cells->after = op.activation;
      }
      cells->y = op.y;
      cells->output = op.output;
    }
    program_.ops = std::move(ops);
  }

  bool IsPlain() const {
    return !spec_.whole_window &&
           std::none_of(spec_.ops.begin(), spec_.ops.end(), [](const OpSpec& op) {
             return op.code == OpCode::kConv || op.code == OpCode::kPool ||
                    op.code == OpCode::kGlobalPool || op.code == OpCode::kSkip;
           });
  }

  /// From the last operation to the first: what no state and no held output needs.
  void MarkHeads() {
    std::vector<bool> feeds_state(spec_.values.size(), false);
    for (const Hold& hold : program_.holds) feeds_state[Index(hold.value)] = true;
    for (std::size_t i = program_.ops.size(); i-- > 0 && !spec_.whole_window;) {
      PackedOp& op = program_.ops[i];
      const bool has_state = op.h_offset != kNone || op.acc_offset != kNone ||
                             op.count_offset != kNone || op.seen_offset != kNone;
      const bool feeds = feeds_state[Index(op.output)] ||
                         (op.mask_output != kNone && feeds_state[Index(op.mask_output)]);
      op.is_head = !has_state && !feeds;
      for (int k = 0; k < op.source_count && !op.is_head; ++k)
        feeds_state[Index(op.sources[k])] = true;
    }
  }

  void PlanAhead() {
    program_.ahead = {};
    program_.packed.ahead = &program_.ahead;
    if (!program_.packed.is_plain || spec_.lanes > 1) return;
    const auto first = std::find_if(
        program_.ops.begin(), program_.ops.end(),
        [](const PackedOp& op) { return op.code == OpCode::kLstm && op.mask == kNone; });
    if (first == program_.ops.end()) return;
    first->ahead = &program_.ahead;
    // As many sums as a panel of two blocks has, for a lone block as well.
    program_.ahead.op = &*first;
    program_.ahead.sums =
        arena_.Take(std::int64_t{8} * (arena_.RoundUp(first->units) + arena_.width()));
  }

  /// How many times as long as the output what an operation needs within a step is.
  static int GateVectors(const OpSpec& op) {
    if (op.code == OpCode::kLstm || op.code == OpCode::kGru) return 4;
    return op.code == OpCode::kConv && op.groups > 1 ? 1 : 0;
  }

  void TakeWindows() {
    for (const ValueSpec& value : spec_.values)
      program_.windows.push_back(arena_.Take(std::int64_t{value.steps} * value.size));
    program_.scratch = arena_.Take(spec_.lane_state_size);
  }

  void PackOp(const OpSpec& op) {
    PackedOp packed = {};
    packed.code = op.code;
    packed.sources = Keep(op.sources);
    packed.source_count = static_cast<int>(op.sources.size());
    packed.output = op.output;
    packed.mask_output = op.code == OpCode::kMask ? op.mask : kNone;
    packed.inputs = op.inputs;
    packed.units = op.units;
    packed.x = Row(op.input);
    packed.y = Row(op.output);
    packed.mask = op.mask == kNone ? kNone : Row(op.mask);
    packed.activation = PackActivation(op.activation, op.units);
    packed.recurrent_activation = PackActivation(op.recurrent_activation, op.units);
    packed.slope = 1;
    packed.gates = gates_;
    packed.gathered = gathered_;
    packed.steps = op.steps;
    packed.parameter = op.parameter;
    packed.merge = op.merge;
    packed.pool = op.pool;
    packed.skipped = op.skipped;
    packed.h_offset = op.h_offset;
    packed.c_offset = op.c_offset;
    packed.acc_offset = op.acc_offset;
    packed.history_offset = op.history_offset;
    packed.count_offset = op.count_offset;
    packed.seen_offset = op.seen_offset;
    PackOperands(op, &packed);
    program_.ops.push_back(packed);
  }

  void PackOperands(const OpSpec& op, PackedOp* packed) {
    switch (op.code) {
      case OpCode::kLstm:
      case OpCode::kGru:
      case OpCode::kSimpleRnn:
        is_finite_ = PackRecurrent(arena_, spec_.weight_format, op, packed) && is_finite_;
        return;
      case OpCode::kDense:
        packed->matrix = PackDense(op, op.inputs);
        return;
      case OpCode::kTimeDense:
        return PackTimeDense(op, packed);
      case OpCode::kAffine:
      case OpCode::kLayerNorm:
        packed->scale = arena_.Copy(op.scale, op.units);
        packed->shift = arena_.Copy(op.shift, op.units);
        return;
      case OpCode::kPrelu:
        packed->weights = arena_.Copy(op.alpha, std::int64_t{op.steps} * op.units);
        packed->step_size = op.units;
        return;
      case OpCode::kMerge:
      case OpCode::kConcatenate:
        return PackParts(op, packed);
      case OpCode::kConv:
        PackSpan(op, packed);
        return PackConv(op, packed);
      case OpCode::kPool:
        return PackSpan(op, packed);
      case OpCode::kActivation:
      case OpCode::kMask:
      case OpCode::kGlobalPool:
      case OpCode::kSkip:
        return;
    }
  }

  Activation PackActivation(Activation activation, int size) {
    if (activation.code == ActivationCode::kSparsemax) activation.scratch = arena_.Take(size);
    return activation;
  }

  static auto WeightOf(const float* kernel, int units) {
    return [kernel, units](int k, int unit) { return kernel[std::int64_t{k} * units + unit]; };
  }

  Matrix PackDense(const OpSpec& op, int inputs) {
    return PackMatrix(
        arena_, spec_.weight_format, inputs, op.units, WeightOf(op.kernel, op.units),
        [](int) { return 1.0; },
        [&op](int unit) { return op.bias == nullptr ? 0 : op.bias[unit]; });
  }

  void PackTimeDense(const OpSpec& op, PackedOp* packed) {
    packed->late_bias = op.bias == nullptr ? arena_.Take(op.units) : arena_.Copy(op.bias, op.units);
    packed->step_size = MatrixSize(arena_, WeightFormat::kFloat32, op.inputs, op.units);
    const float* const bias = arena_.Take(arena_.RoundUp(op.units));
    float* const weights = arena_.Take(packed->step_size * op.steps);
    packed->matrix = {LayoutOf(arena_, op.units),
                      WeightFormat::kFloat32,
                      op.inputs,
                      op.units,
                      bias,
                      bias,
                      weights};
    const std::int64_t source_size = std::int64_t{op.inputs} * op.units;
    for (int i = 0; i < op.steps && !arena_.is_counting(); ++i)
      WriteMatrix(arena_, op.inputs, op.units, WeightOf(op.kernel + i * source_size, op.units),
                  weights + i * packed->step_size);
  }

  void PackParts(const OpSpec& op, PackedOp* packed) {
    std::vector<Part> parts;
    for (const int source : op.sources)
      parts.push_back({Row(source), spec_.values[Index(source)].size});
    program_.parts.push_back(std::move(parts));
    packed->parts = program_.parts.back().data();
  }

  static void PackSpan(const OpSpec& op, PackedOp* packed) {
    packed->size = op.size;
    packed->stride = op.stride;
    packed->dilation = op.dilation;
    packed->history = op.history();
    packed->first = op.history() - op.pad_before;
  }

  void PackConv(const OpSpec& op, PackedOp* packed) {
    const int taps = op.size * op.inputs;
    if (op.groups == 1) {
      packed->matrix = PackDense(op, taps);
      return;
    }
    packed->inputs_per_group = op.inputs / op.groups;
    std::vector<int> group_inputs;
    group_inputs.reserve(static_cast<std::size_t>(op.units));
    for (int filter = 0; filter < op.units; ++filter)
      group_inputs.push_back(filter / (op.units / op.groups) * packed->inputs_per_group);
    packed->group_inputs = Keep(group_inputs);
    packed->matrix.bias =
        op.bias == nullptr ? arena_.Take(arena_.RoundUp(op.units)) : arena_.Copy(op.bias, op.units);
    const std::int64_t rows = std::int64_t{op.size} * packed->inputs_per_group;
    const std::int64_t row_size = arena_.RoundUp(op.units);
    float* const weights = arena_.Take(rows * row_size);
    packed->weights = weights;
    for (std::int64_t row = 0; row < rows && !arena_.is_counting(); ++row)
      std::copy_n(op.kernel + row * op.units, op.units, weights + row * row_size);
  }

  const int* Keep(const std::vector<int>& indices) {
    program_.indices.push_back(indices);
    return program_.indices.back().data();
  }

  const Spec& spec_;
  Arena arena_;
  PackedProgram& program_;
  int gates_ = 0;
  int gathered_ = 0;
  bool is_finite_ = true;
};

}  // namespace

void FreeAligned::operator()(float* floats) const { std::free(floats); }

std::string Pack(const Spec& spec, int width, PackedProgram* program) {
  program->fresh = std::make_unique<LaneSet[]>(spec.values.size());
  const std::size_t floats = Packer(spec, width, nullptr, program).Run();
  const std::size_t bytes = floats * sizeof(float);
  if (floats <= kMaxPackedFloats)
    program->memory.reset(static_cast<float*>(std::aligned_alloc(kAlignment, bytes)));
  if (program->memory == nullptr) return "program needs more memory than there is";
  std::memset(program->memory.get(), 0, bytes);
  if (Packer(spec, width, program->memory.get(), program).Run() == 0)
    return "program has a recurrent weight too large for float32 arithmetic";
  std::fill_n(program->fresh.get(), spec.values.size(), ~LaneSet{0});
  return {};
}

}  // namespace lstmd
