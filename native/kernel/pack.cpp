#include "pack.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace lstmd {
namespace {

constexpr int kGates = 4;
constexpr int kCandidate = 2;  // Keras's order: i, f, g (candidate), o.
constexpr double kLog2E = 1.4426950408889634074;
/// Up to so many units a dot product for each is less to read than padded panels.
constexpr int kMaxRows = 4;

int RoundUp(int count, int multiple) { return (count + multiple - 1) / multiple * multiple; }

/// Hands out aligned runs of one allocation, all zeros. Without memory it only counts.
class Arena {
 public:
  explicit Arena(float* memory) : memory_(memory) {}

  bool is_counting() const { return memory_ == nullptr; }
  std::size_t size() const { return used_; }

  float* Take(std::size_t count) {
    constexpr std::size_t kLine = kAlignment / sizeof(float);
    float* run = is_counting() ? nullptr : memory_ + used_;
    used_ += (count + kLine - 1) / kLine * kLine;
    return run;
  }

 private:
  float* memory_;
  std::size_t used_ = 0;
};

class Packer {
 public:
  Packer(const Spec& spec, int width, float* memory) : spec_(spec), width_(width), arena_(memory) {}

  /// Floats used, or 0 where a folded weight overflows.
  std::size_t Run(PackedProgram* program) {
    program->ops.clear();
    program->values.clear();
    // First what every step writes, then what it only reads, in the order of reading.
    for (const int size : spec_.value_sizes) program->values.push_back(Take(size));
    for (const OpSpec& op : spec_.ops)
      if (!IsFolded(op)) gates_size_ = std::max(gates_size_, RoundUp(op.units, width_));
    gates_ = Take(kGates * gates_size_);
    for (const OpSpec& op : spec_.ops) program->ops.push_back(PackOp(op, program->values));
    program->packed = {program->ops.data(), static_cast<int>(program->ops.size()),
                       spec_.lane_state_size};
    return is_finite_ ? arena_.size() : 0;
  }

 private:
  static std::size_t Index(std::int64_t i) { return static_cast<std::size_t>(i); }

  float* Take(int count) { return arena_.Take(Index(RoundUp(count, width_))); }

  static bool IsFolded(const OpSpec& op) {
    return op.code != OpCode::kLstm || (op.activation.code == ActivationCode::kTanh &&
                                        op.recurrent_activation.code == ActivationCode::kSigmoid);
  }

  PackedOp PackOp(const OpSpec& op, const std::vector<float*>& values) {
    PackedOp packed = {};
    packed.inputs = op.inputs;
    packed.units = op.units;
    packed.x = values[Index(op.input)];
    packed.y = values[Index(op.output)];
    packed.activation = op.activation;
    packed.recurrent_activation = op.recurrent_activation;
    packed.h_offset = op.h_offset;
    packed.c_offset = op.c_offset;
    packed.acc_offset = op.acc_offset;
    packed.gates = gates_;
    switch (op.code) {
      case OpCode::kLstm:
        packed.code = IsFolded(op) ? PackedOpCode::kLstmFolded : PackedOpCode::kLstmGeneric;
        packed.weights = PackLstm(op);
        break;
      case OpCode::kDense:
        packed.code = PackedOpCode::kDense;
        packed.layout = LayoutOf(op);
        packed.bias = PackBias(op);
        packed.weights = PackDense(op, 1);
        break;
      case OpCode::kTimeDense:
        packed.code = PackedOpCode::kTimeDense;
        packed.layout = LayoutOf(op);
        packed.bias = Take(op.units);
        packed.late_bias = PackBias(op);
        packed.step_size = static_cast<std::int64_t>(DenseSize(op));
        packed.weights = PackDense(op, spec_.window);
        break;
      case OpCode::kActivation:
        packed.code = PackedOpCode::kActivation;
        break;
    }
    return packed;
  }

  /// Panels of two blocks of units, then a lone block: in each panel first the biases, then for
  /// each k of [h; x] the four gates of the first block and of the second, a vector each.
  float* PackLstm(const OpSpec& op) {
    const int rows = 1 + op.units + op.inputs;
    const int columns = kGates * RoundUp(op.units, width_);
    float* const stream = arena_.Take(Index(rows) * Index(columns));
    if (arena_.is_counting()) return stream;
    float* next = stream;
    for (int first = 0; first < op.units; first += 2 * width_) {
      const int blocks = op.units - first > width_ ? 2 : 1;
      for (int row = 0; row < rows; ++row)
        for (int block = 0; block < blocks; ++block)
          for (int gate = 0; gate < kGates; ++gate)
            for (int i = 0; i < width_; ++i)
              *next++ = LstmWeight(op, row, gate, first + block * width_ + i);
    }
    return stream;
  }

  float LstmWeight(const OpSpec& op, int row, int gate, int unit) {
    if (unit >= op.units) return 0;
    const int column = gate * op.units + unit;
    const std::int64_t columns = kGates * op.units;
    float weight = 0;
    if (row == 0) {
      weight = op.bias != nullptr ? op.bias[column] : 0;
    } else if (row <= op.units) {
      weight = op.recurrent_kernel[(row - 1) * columns + column];
    } else {
      weight = op.kernel[(row - 1 - op.units) * columns + column];
    }
    if (!IsFolded(op)) return weight;
    // sigmoid(z) = 1 / (1 + 2^y) with y = -log2(e) z, and tanh(z) the same way with -2 log2(e) z.
    const double fold = gate == kCandidate ? -2 * kLog2E : -kLog2E;
    return Finite(static_cast<float>(fold * weight));
  }

  float Finite(float weight) {
    is_finite_ = is_finite_ && std::isfinite(weight);
    return weight;
  }

  DenseLayout LayoutOf(const OpSpec& op) const {
    return op.units <= kMaxRows && op.units < width_ ? DenseLayout::kRows : DenseLayout::kPanels;
  }

  std::size_t DenseSize(const OpSpec& op) const {
    return LayoutOf(op) == DenseLayout::kRows ? Index(op.units) * Index(RoundUp(op.inputs, width_))
                                              : Index(op.inputs) * Index(RoundUp(op.units, width_));
  }

  float* PackBias(const OpSpec& op) {
    float* const bias = Take(op.units);
    if (bias != nullptr && op.bias != nullptr)
      std::memcpy(bias, op.bias, Index(op.units) * sizeof(float));
    return bias;
  }

  float* PackDense(const OpSpec& op, int matrices) {
    float* const stream = arena_.Take(DenseSize(op) * Index(matrices));
    if (arena_.is_counting()) return stream;
    const std::size_t source_size = Index(op.inputs) * Index(op.units);
    for (int i = 0; i < matrices; ++i) {
      const float* source = op.kernel + Index(i) * source_size;
      float* next = stream + Index(i) * DenseSize(op);
      if (LayoutOf(op) == DenseLayout::kRows) {
        PackRows(op, source, next);
      } else {
        PackPanels(op, source, next);
      }
    }
    return stream;
  }

  void PackRows(const OpSpec& op, const float* source, float* next) const {
    for (int unit = 0; unit < op.units; ++unit)
      for (int k = 0; k < RoundUp(op.inputs, width_); ++k)
        *next++ = k < op.inputs ? source[std::int64_t{k} * op.units + unit] : 0;
  }

  void PackPanels(const OpSpec& op, const float* source, float* next) const {
    int blocks = RoundUp(op.units, width_) / width_;
    int first = 0;
    for (int panel = 8; panel > 0; panel /= 2) {
      for (; blocks >= panel; blocks -= panel, first += panel * width_)
        for (int k = 0; k < op.inputs; ++k)
          for (int unit = first; unit < first + panel * width_; ++unit)
            *next++ = unit < op.units ? source[std::int64_t{k} * op.units + unit] : 0;
    }
  }

  const Spec& spec_;
  const int width_;
  Arena arena_;
  float* gates_ = nullptr;
  int gates_size_ = 0;
  bool is_finite_ = true;
};

}  // namespace

void FreeAligned::operator()(float* floats) const { std::free(floats); }

std::string Pack(const Spec& spec, int width, PackedProgram* program) {
  const std::size_t bytes = Packer(spec, width, nullptr).Run(program) * sizeof(float);
  program->memory.reset(static_cast<float*>(std::aligned_alloc(kAlignment, bytes)));
  if (program->memory == nullptr) return "program needs more memory than there is";
  std::memset(program->memory.get(), 0, bytes);
  if (Packer(spec, width, program->memory.get()).Run(program) == 0)
    return "program has an LSTM weight too large for float32 arithmetic";
  return {};
}

}  // namespace lstmd
