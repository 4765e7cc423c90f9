#include "pack/pack-op.h"

#include <algorithm>
#include <type_traits>

#include "format/index.h"
#include "pack/pack-matrix.h"
#include "pack/pack-recurrent.h"

namespace lstmd {
namespace {

/// The weights of a row-major (inputs, units) kernel, as pack-matrix.h takes them.
auto WeightAt(const float* kernel, int units) {
  return [kernel, units](int k, int unit) { return kernel[std::int64_t{k} * units + unit]; };
}

}  // namespace

PackedOp* OpPacker::Pack(const OpSpec& spec) {
  return std::visit(
      [this, &spec](const auto& op) -> PackedOp* {
        using Op = std::decay_t<decltype(op)>;
        if constexpr (std::is_same_v<Op, std::monostate>) {
          return nullptr;
        } else {
          auto& packed = std::get<Packed<Op>>(
              program_.operations.emplace_back(std::in_place_type<Packed<Op>>));
          PackHeader(spec, &packed);
          PackOperands(spec, op, &packed);
          return &packed;
        }
      },
      spec.operands);
}

void OpPacker::PackHeader(const OpSpec& spec, PackedOp* packed) {
  packed->code = spec.code;
  packed->sources = Keep(spec.sources);
  packed->source_count = static_cast<int>(spec.sources.size());
  packed->output = spec.output;
  packed->mask_output = spec.mask_output;
  packed->has_state = spec.has_state;
  packed->inputs = spec.inputs;
  packed->units = spec.units;
  packed->x = Row(spec.input);
  packed->y = Row(spec.output);
}

void OpPacker::PackRecurrent(const OpSpec& spec, const RecurrentOp& op, PackedRecurrent* packed) {
  packed->mask = MaskRow(op.mask);
  packed->h_offset = op.h_offset;
  packed->clip = op.clip;
  packed->activation = PackActivation(op.activation, spec.units);
  packed->fused_slope = 1;
}

void OpPacker::PackOperands(const OpSpec& spec, const LstmOp& op, Packed<LstmOp>* packed) {
  PackRecurrent(spec, op, packed);
  packed->recurrent_activation = PackActivation(op.recurrent_activation, spec.units);
  packed->c_offset = op.c_offset;
  packed->state_activation = PackActivation(op.state_activation, spec.units);
  packed->is_coupled = op.is_coupled;
  packed->peepholes = PackPeepholes(op.peepholes, spec.units);
  packed->gates = scratch_.gates;
  is_finite_ = PackWeights(arena_, spec_.weight_format, op, spent_, packed) && is_finite_;
}

void OpPacker::PackOperands(const OpSpec& spec, const GruOp& op, Packed<GruOp>* packed) {
  PackRecurrent(spec, op, packed);
  packed->recurrent_activation = PackActivation(op.recurrent_activation, spec.units);
  packed->reset_after = op.reset_after;
  packed->gates = scratch_.gates;
  packed->gathered = scratch_.gathered;
  is_finite_ = PackWeights(arena_, spec_.weight_format, op, spent_, packed) && is_finite_;
}

void OpPacker::PackOperands(const OpSpec& spec, const SimpleRnnOp& op,
                            Packed<SimpleRnnOp>* packed) {
  PackRecurrent(spec, op, packed);
  packed->gathered = scratch_.gathered;
  is_finite_ = PackWeights(arena_, spec_.weight_format, op, spent_, packed) && is_finite_;
}

void OpPacker::PackOperands(const OpSpec& spec, const DenseOp& op, Packed<DenseOp>* packed) {
  packed->activation = PackActivation(op.activation, spec.units);
  packed->matrix = PackKernel(op.kernel, op.bias, spec.inputs, spec.units);
}

void OpPacker::PackOperands(const OpSpec& spec, const ActivationOp& op,
                            Packed<ActivationOp>* packed) {
  packed->activation = PackActivation(op.activation, spec.units);
}

void OpPacker::PackOperands(const OpSpec& spec, const TimeDenseOp& op,
                            Packed<TimeDenseOp>* packed) {
  packed->steps = op.steps;
  packed->acc_offset = op.acc_offset;
  packed->position_offset = op.position_offset;
  packed->activation = PackActivation(op.activation, spec.units);
  packed->bias = op.bias == nullptr ? arena_.Take(spec.units) : arena_.Copy(op.bias, spec.units);
  packed->step_size = MatrixSize(arena_, WeightFormat::kFloat32, spec.inputs, spec.units);
  const float* const no_bias = arena_.Take(arena_.RoundUp(spec.units));
  float* const weights = arena_.Take(packed->step_size * op.steps);
  packed->matrix = {LayoutOf(arena_, spec.units),
                    WeightFormat::kFloat32,
                    spec.inputs,
                    spec.units,
                    no_bias,
                    no_bias,
                    weights};
  const std::int64_t source_size = std::int64_t{spec.inputs} * spec.units;
  for (int i = 0; i < op.steps && !arena_.is_counting(); ++i) {
    const float* const kernel = op.kernel + i * source_size;
    WriteMatrix(arena_, spec.inputs, spec.units, WeightAt(kernel, spec.units),
                weights + i * packed->step_size);
    spent_(kernel, source_size);
  }
}

void OpPacker::PackOperands(const OpSpec& spec, const AffineOp& op, Packed<AffineOp>* packed) {
  packed->scale = arena_.Copy(op.scale, spec.units);
  packed->shift = arena_.Copy(op.shift, spec.units);
}

void OpPacker::PackOperands(const OpSpec& spec, const PreluOp& op, Packed<PreluOp>* packed) {
  static_cast<PreluOp&>(*packed) = op;
  packed->alpha = arena_.Copy(op.alpha, std::int64_t{op.steps} * spec.units);
}

void OpPacker::PackOperands(const OpSpec& spec, const LayerNormOp& op,
                            Packed<LayerNormOp>* packed) {
  packed->epsilon = op.epsilon;
  packed->gamma = arena_.Copy(op.gamma, spec.units);
  packed->beta = arena_.Copy(op.beta, spec.units);
}

void OpPacker::PackOperands(const OpSpec&, const MaskOp& op, Packed<MaskOp>* packed) {
  packed->value = op.value;
  packed->mask = Row(op.mask);
}

void OpPacker::PackOperands(const OpSpec& spec, const MergeOp& op, Packed<MergeOp>* packed) {
  packed->operation = op.operation;
  packed->parts = PackParts(spec);
}

void OpPacker::PackOperands(const OpSpec& spec, const ConcatenateOp&,
                            Packed<ConcatenateOp>* packed) {
  packed->parts = PackParts(spec);
}

void OpPacker::PackSpan(const SpanOp& op, PackedSpan* packed) {
  packed->size = op.size;
  packed->stride = op.stride;
  packed->dilation = op.dilation;
  packed->history = HistoryOf(op);
  packed->first = HistoryOf(op) - op.pad_before;
  packed->history_offset = op.history_offset;
  packed->count_offset = op.count_offset;
}

void OpPacker::PackOperands(const OpSpec& spec, const ConvOp& op, Packed<ConvOp>* packed) {
  PackSpan(op, packed);
  packed->activation = PackActivation(op.activation, spec.units);
  packed->gathered = scratch_.gathered;
  if (op.groups == 1) {
    packed->matrix = PackKernel(op.kernel, op.bias, op.size * spec.inputs, spec.units);
  } else {
    PackGroups(spec, op, packed);
  }
}

void OpPacker::PackGroups(const OpSpec& spec, const ConvOp& op, Packed<ConvOp>* packed) {
  packed->filter_inputs = scratch_.gates;
  packed->inputs_per_group = spec.inputs / op.groups;
  std::vector<int> group_inputs;
  group_inputs.reserve(Index(spec.units));
  for (int filter = 0; filter < spec.units; ++filter)
    group_inputs.push_back(filter / (spec.units / op.groups) * packed->inputs_per_group);
  packed->group_inputs = Keep(group_inputs);
  packed->matrix.bias = op.bias == nullptr ? arena_.Take(arena_.RoundUp(spec.units))
                                           : arena_.Copy(op.bias, spec.units);
  const std::int64_t rows = std::int64_t{op.size} * packed->inputs_per_group;
  const std::int64_t row_size = arena_.RoundUp(spec.units);
  float* const weights = arena_.Take(rows * row_size);
  packed->group_weights = weights;
  for (std::int64_t row = 0; row < rows && !arena_.is_counting(); ++row)
    std::copy_n(op.kernel + row * spec.units, spec.units, weights + row * row_size);
}

void OpPacker::PackOperands(const OpSpec&, const PoolOp& op, Packed<PoolOp>* packed) {
  PackSpan(op, packed);
  packed->operation = op.operation;
  packed->seen_offset = op.seen_offset;
}

void OpPacker::PackOperands(const OpSpec&, const GlobalPoolOp& op, Packed<GlobalPoolOp>* packed) {
  static_cast<GlobalPoolOp&>(*packed) = op;
  packed->mask = MaskRow(op.mask);
}

void OpPacker::PackOperands(const OpSpec&, const SkipOp& op, Packed<SkipOp>* packed) {
  static_cast<SkipOp&>(*packed) = op;
}

void OpPacker::PackOperands(const OpSpec&, const BeginOp& op, Packed<BeginOp>* packed) {
  static_cast<BeginOp&>(*packed) = op;
  packed->states = arena_.Copy(op.states, op.count);
}

void OpPacker::PackOperands(const OpSpec&, const RecallOp& op, Packed<RecallOp>* packed) {
  static_cast<RecallOp&>(*packed) = op;
}

void OpPacker::PackOperands(const OpSpec&, const KeepOp& op, Packed<KeepOp>* packed) {
  static_cast<KeepOp&>(*packed) = op;
}

void OpPacker::PackOperands(const OpSpec& spec, const GatherOp&, Packed<GatherOp>* packed) {
  packed->indices = Keep(spec.indices);
}

void OpPacker::PackOperands(const OpSpec&, const ReduceOp& op, Packed<ReduceOp>* packed) {
  static_cast<ReduceOp&>(*packed) = op;
}

void OpPacker::PackOperands(const OpSpec&, const MatMulOp& op, Packed<MatMulOp>* packed) {
  static_cast<MatMulOp&>(*packed) = op;
  packed->right = Row(op.right);
}

Activation OpPacker::PackActivation(Activation activation, int size) {
  if (activation.code == ActivationCode::kSparsemax) activation.scratch = arena_.Take(size);
  return activation;
}

const float* OpPacker::PackPeepholes(const float* peepholes, int units) {
  if (peepholes == nullptr) return nullptr;
  const std::int64_t run = arena_.RoundUp(units);
  float* const packed = arena_.Take(3 * run);
  for (int gate = 0; gate < 3 && !arena_.is_counting(); ++gate)
    std::copy_n(peepholes + gate * units, units, packed + gate * run);
  return packed;
}

Matrix OpPacker::PackKernel(const float* kernel, const float* bias, int inputs, int units) {
  const Matrix matrix = PackMatrix(
      arena_, spec_.weight_format, inputs, units, WeightAt(kernel, units), [](int) { return 1.0; },
      [bias](int unit) { return bias == nullptr ? 0 : bias[unit]; });
  if (!arena_.is_counting()) spent_(kernel, std::int64_t{inputs} * units);
  return matrix;
}

const Part* OpPacker::PackParts(const OpSpec& spec) {
  std::vector<Part> parts;
  for (const int source : spec.sources)
    parts.push_back({Row(source), spec_.values[Index(source)].size});
  program_.parts.push_back(std::move(parts));
  return program_.parts.back().data();
}

const int* OpPacker::Keep(const std::vector<int>& indices) {
  program_.indices.push_back(indices);
  return program_.indices.back().data();
}

}  // namespace lstmd
