#include "pack/pack.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <memory>
#include <type_traits>

#include "format/index.h"
#include "pack/arena.h"
#include "pack/pack-op.h"

namespace lstmd {
namespace {

/// 1 GiB. The limit is needed because many operations may share the same weights, which are then
/// packed many times.
constexpr std::size_t kMaxPackedFloats = std::size_t{1} << 28;
/// 16 MiB. A model with larger workspaces has fewer lanes stepped together.
constexpr std::size_t kMaxWorkspaceFloats = std::size_t{1} << 22;

/// Null where the operation is no recurrent layer.
PackedRecurrent* AsRecurrent(PackedOp* op) {
  const bool is_recurrent =
      op->code == OpCode::kLstm || op->code == OpCode::kGru || op->code == OpCode::kSimpleRnn;
  return is_recurrent ? static_cast<PackedRecurrent*>(op) : nullptr;
}

class Packer {
 public:
  Packer(const Spec& spec, int width, float* memory, const Spent& spent, PackedProgram* program)
      : spec_(spec), arena_(memory, width), spent_(spent), program_(*program) {}

  /// Returns the floats used, or 0 where a folded weight overflows.
  std::size_t Run() {
    program_.ops.clear();
    program_.operations.clear();
    program_.operations.reserve(spec_.ops.size() + spec_.window_ops.size());
    program_.held_outputs.clear();
    program_.workspaces.clear();
    program_.windows.clear();
    program_.indices.clear();
    program_.parts.clear();
    // What every step writes comes first, then what it only reads, in the order of reading.
    TakeWorkspaces();
    if (spec_.whole_window) {
      PackWindow();
    } else {
      PackSteps();
    }
    program_.steps.precomputed = &program_.precomputed;
    program_.steps.fresh = program_.fresh.get();
    return is_finite_ ? arena_.size() : 0;
  }

 private:
  void TakeWorkspaces() {
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
    TakeWorkspace(gates, gathered);
    const std::size_t size = arena_.size() - first;
    const std::size_t count = spec_.whole_window ? 1 : kMaxWorkspaceFloats / size;
    for (std::size_t i = 1; i < std::min(count, std::size_t{kMaxGroup}); ++i)
      TakeWorkspace(gates, gathered);
    // The first lane, which is often alone, has its workspace beside the weights: what lies in one
    // run leaves no set of a cache fuller than the others.
    std::reverse(program_.workspaces.begin(), program_.workspaces.end());
  }

  void TakeWorkspace(std::int64_t gates, std::int64_t gathered) {
    const std::size_t start = arena_.size();
    const auto take = [this, start](std::int64_t size) {
      const std::size_t offset = arena_.size() - start;
      arena_.Take(arena_.RoundUp(size));
      return static_cast<int>(offset);
    };
    program_.workspaces.push_back(arena_.next());
    program_.values.clear();
    for (const ValueSpec& value : spec_.values) program_.values.push_back(take(value.size));
    scratch_ = {take(gates), take(gathered)};
    // An odd count of lines distributes the workspaces over all sets of a cache.
    if ((arena_.size() - start) / kLineFloats % 2 == 0) take(1);
  }

  /// The count of buffers, each as long as its output, that an operation needs in the workspace.
  static int GateVectors(const OpSpec& op) {
    if (op.code == OpCode::kLstm || op.code == OpCode::kGru) return 4;
    const ConvOp* const conv = std::get_if<ConvOp>(&op.operands);
    return conv != nullptr && conv->groups > 1 ? 1 : 0;
  }

  /// Floats that one product of an operation needs side by side.
  static std::int64_t Gathered(const OpSpec& op) {
    if (op.code == OpCode::kGru || op.code == OpCode::kSimpleRnn)
      return std::int64_t{op.units} + op.inputs;
    const ConvOp* const conv = std::get_if<ConvOp>(&op.operands);
    return conv == nullptr ? 0 : std::int64_t{conv->size} * op.inputs;
  }

  void PackSteps() {
    OpPacker packer(spec_, scratch_, arena_, spent_, program_);
    std::vector<PackedOp*> ops;
    for (const OpSpec& op : spec_.ops) ops.push_back(packer.Pack(op));
    is_finite_ = packer.is_finite();
    for (const OutputSpec& output : spec_.outputs)
      if (output.held_offset != kNone)
        program_.held_outputs.push_back({output.value, spec_.values[Index(output.value)].size,
                                         program_.values[Index(output.value)], output.held_offset,
                                         output.holds_offset});
    FuseActivations(ops);
    MarkHeads(ops);
    const auto heads = std::stable_partition(ops.begin(), ops.end(),
                                             [](const PackedOp* op) { return !op->is_head; });
    program_.ops.assign(ops.begin(), ops.end());
    program_.steps = {};
    program_.steps.ops = program_.ops.data();
    program_.steps.op_count = static_cast<int>(ops.size());
    program_.steps.head_count = static_cast<int>(ops.end() - heads);
    program_.steps.held_outputs = program_.held_outputs.data();
    program_.steps.held_output_count = static_cast<int>(program_.held_outputs.size());
    program_.steps.bounded_size = spec_.lane_state_size;
    program_.steps.is_always_fresh = IsAlwaysFresh();
    program_.steps.is_plain = program_.steps.is_always_fresh && program_.held_outputs.empty();
    program_.precomputed = {};
    if (program_.steps.is_always_fresh && spec_.lanes == 1) PlanPrecomputedSums(ops);
  }

  void PackWindow() {
    for (const ValueSpec& value : spec_.values)
      program_.windows.push_back(arena_.Take(std::int64_t{value.steps} * value.size));
    program_.scratch = arena_.Take(spec_.lane_state_size);
    OpPacker packer(spec_, scratch_, arena_, spent_, program_);
    for (const WindowOpSpec& op : spec_.window_ops)
      program_.ops.push_back(op.code == WindowOpCode::kScan ? packer.Pack(op.op) : nullptr);
    is_finite_ = packer.is_finite();
    program_.steps = {};
    program_.precomputed = {};
  }

  /// Returns whether an activation is the larger of x and slope * x.
  static bool IsLeakyRelu(const Activation& activation) {
    const auto& [slope, threshold, most] = activation.parameters;
    return activation.code == ActivationCode::kRelu && slope >= 0 && slope <= 1 && threshold == 0 &&
           most == std::numeric_limits<float>::infinity();
  }

  /// Lets a recurrent layer compute the activation that follows it, where nothing else reads the
  /// layer's output.
  void FuseActivations(std::vector<PackedOp*>& ops) {
    std::vector<int> readers(spec_.values.size());
    for (const PackedOp* op : ops)
      for (int k = 0; k < op->source_count; ++k) ++readers[Index(op->sources[k])];
    for (const OutputSpec& output : spec_.outputs) ++readers[Index(output.value)];
    std::vector<PackedOp*> kept;
    kept.reserve(ops.size());
    for (PackedOp* const op : ops) {
      const bool is_only_reader =
          op->code == OpCode::kActivation && readers[Index(op->sources[0])] == 1;
      const auto writer = std::find_if(kept.begin(), kept.end(), [op](PackedOp* other) {
        return AsRecurrent(other) != nullptr && other->output == op->sources[0];
      });
      PackedRecurrent* const layer = writer == kept.end() ? nullptr : AsRecurrent(*writer);
      if (!is_only_reader || layer == nullptr || layer->mask != kNone ||
          layer->fused_activation.code != ActivationCode::kLinear) {
        kept.push_back(op);
        continue;
      }
      const Activation& activation = static_cast<Packed<ActivationOp>*>(op)->activation;
      if (layer->fused_slope == 1 && IsLeakyRelu(activation)) {
        layer->fused_slope = activation.parameters[0];
      } else {
        layer->fused_activation = activation;
      }
      layer->y = op->y;
      layer->output = op->output;
    }
    ops = std::move(kept);
  }

  bool IsAlwaysFresh() const {
    return std::none_of(spec_.ops.begin(), spec_.ops.end(), [](const OpSpec& op) {
      return std::visit(
          [](const auto& operands) {
            return std::is_base_of_v<MayBeStale, std::decay_t<decltype(operands)>>;
          },
          op.operands);
    });
  }

  /// Goes from the last operation to the first, because an operation that feeds one with a state is
  /// no head either.
  void MarkHeads(const std::vector<PackedOp*>& ops) {
    std::vector<bool> feeds_state(spec_.values.size(), false);
    for (const HeldOutput& held : program_.held_outputs) feeds_state[Index(held.value)] = true;
    for (std::size_t i = ops.size(); i-- > 0;) {
      PackedOp& op = *ops[i];
      const bool feeds = feeds_state[Index(op.output)] ||
                         (op.mask_output != kNone && feeds_state[Index(op.mask_output)]);
      op.is_head = !op.has_state && !feeds;
      for (int k = 0; k < op.source_count && !op.is_head; ++k)
        feeds_state[Index(op.sources[k])] = true;
    }
  }

  void PlanPrecomputedSums(const std::vector<PackedOp*>& ops) {
    const auto first = std::find_if(ops.begin(), ops.end(), [](PackedOp* op) {
      return op->code == OpCode::kLstm && AsRecurrent(op)->mask == kNone;
    });
    if (first == ops.end()) return;
    auto* const lstm = static_cast<Packed<LstmOp>*>(*first);
    lstm->precomputed = &program_.precomputed;
    program_.precomputed.op = lstm;
    // A lone vector has as many sums as a panel of two vectors: two chains of additions.
    program_.precomputed.sums =
        arena_.Take(std::int64_t{8} * (arena_.RoundUp(lstm->units) + arena_.width()));
  }

  const Spec& spec_;
  Arena arena_;
  const Spent& spent_;
  PackedProgram& program_;
  StepScratch scratch_ = {};
  bool is_finite_ = true;
};

/// Aligned floats. Those of a large program take no memory before they are written.
std::unique_ptr<float, FreeBlock> AllocateZeros(std::size_t floats) {
  std::size_t room = floats * sizeof(float) + kAlignment;
  void* const block = std::calloc(room, 1);
  if (block == nullptr) return nullptr;
  void* aligned = block;
  std::align(kAlignment, floats * sizeof(float), aligned, room);
  return {static_cast<float*>(aligned), FreeBlock{block}};
}

void ChooseSteps(OpStep (*step_of)(const PackedOp& op), PackedProgram* program) {
  for (AnyPackedOp& operation : program->operations)
    std::visit(
        [step_of](auto& op) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(op)>, std::monostate>)
            op.step = step_of(op);
        },
        operation);
}

}  // namespace

void FreeBlock::operator()(float*) const { std::free(block); }

std::string Pack(const Spec& spec, int width, OpStep (*step_of)(const PackedOp& op),
                 const Spent& spent, PackedProgram* program) {
  program->fresh = std::make_unique<LaneSet[]>(spec.values.size());
  // The first run only counts.
  const std::size_t floats = Packer(spec, width, nullptr, KeepWeights, program).Run();
  if (floats <= kMaxPackedFloats) program->memory = AllocateZeros(floats);
  if (program->memory == nullptr) return "program needs more memory than there is";
  if (Packer(spec, width, program->memory.get(), spent, program).Run() == 0)
    return "program has a recurrent weight too large for float32 arithmetic";
  ChooseSteps(step_of, program);
  std::fill_n(program->fresh.get(), spec.values.size(), ~LaneSet{0});
  return {};
}

}  // namespace lstmd
