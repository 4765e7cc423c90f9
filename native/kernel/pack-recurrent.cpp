#include "pack-recurrent.h"

#include <cmath>

#include "pack-matrix.h"

namespace lstmd {
namespace {

constexpr double kLog2E = 1.4426950408889634074;

class RecurrentPacker {
 public:
  RecurrentPacker(Arena& arena, const OpSpec& op)
      : arena_(arena), op_(op), is_folded_(IsFolded(op)), columns_(GatesOf(op) * op.units) {}

  bool Pack(PackedOp* packed) {
    if (op_.code == OpCode::kLstm) {
      packed->weights = PackLstm();
    } else if (op_.code == OpCode::kSimpleRnn) {
      packed->matrix = Product(op_.units, [](int unit) { return unit; });
    } else if (op_.reset_after) {
      packed->weights = PackGru();
    } else {
      // Both gates in one, each padded to whole vectors; then the candidate.
      const int padded = static_cast<int>(arena_.RoundUp(op_.units));
      packed->matrix = Product(2 * padded, [this, padded](int unit) {
        const int column = unit % padded;
        return column < op_.units ? unit / padded * op_.units + column : kNone;
      });
      packed->candidate =
          Product(op_.units, [this](int unit) { return kCandidate * op_.units + unit; });
    }
    return is_finite_;
  }

 private:
  /// In Keras's order of the LSTM, i f g o, and of the GRU, z r h.
  static constexpr int kCandidate = 2;

  static int GatesOf(const OpSpec& op) {
    return op.code == OpCode::kLstm ? 4 : op.code == OpCode::kGru ? 3 : 1;
  }

  /// sigmoid(z) = 1 / (1 + 2^y) with y = -log2(e) z, and tanh(z) the same way with -2 log2(e) z.
  float Fold(int gate, float weight) {
    if (!is_folded_) return weight;
    const float folded = static_cast<float>((gate == kCandidate ? -2 : -1) * kLog2E * weight);
    is_finite_ = is_finite_ && std::isfinite(folded);
    return folded;
  }

  float Bias(int column) const { return op_.bias == nullptr ? 0 : op_.bias[column]; }

  float RecurrentBias(int column) const {
    return op_.recurrent_bias == nullptr ? 0 : op_.recurrent_bias[column];
  }

  /// Of row `k` of [h; x].
  float Weight(int k, int column) const {
    return k < op_.units ? op_.recurrent_kernel[std::int64_t{k} * columns_ + column]
                         : op_.kernel[std::int64_t{k - op_.units} * columns_ + column];
  }

  /// [h; x] by the columns that `column_of` names for each unit; kNone is a unit of padding.
  template <typename ColumnOf>
  Matrix Product(int units, ColumnOf column_of) {
    return PackMatrix(
        arena_, op_.units + op_.inputs, units,
        [this, column_of](int k, int unit) {
          const int column = column_of(unit);
          return column == kNone ? 0 : Fold(column / op_.units, Weight(k, column));
        },
        [this, column_of](int unit) {
          const int column = column_of(unit);
          return column == kNone ? 0 : Fold(column / op_.units, Bias(column));
        });
  }

  /// A vector of `weight_of(column)` for a block of units of one gate.
  template <typename WeightOf>
  void WriteBlock(int gate, int first, WeightOf weight_of) {
    for (int unit = first; unit < first + arena_.width(); ++unit)
      *next_++ = unit < op_.units ? Fold(gate, weight_of(gate * op_.units + unit)) : 0;
  }

  /// Panels of two blocks of units, then a lone block; `write(first, blocks)` writes each.
  template <typename Write>
  float* WritePanels(int rows, int columns_of_block, Write write) {
    float* const stream =
        arena_.Take(std::int64_t{rows} * columns_of_block * arena_.RoundUp(op_.units));
    next_ = stream;
    for (int first = 0; first < op_.units && !arena_.is_counting(); first += 2 * arena_.width())
      write(first, op_.units - first > arena_.width() ? 2 : 1);
    return stream;
  }

  /// In each panel first the biases, then for each k of [h; x] the four gates of the first block
  /// and of the second, a vector each.
  float* PackLstm() {
    const int rows = op_.units + op_.inputs;
    return WritePanels(1 + rows, 4, [this, rows](int first, int blocks) {
      for (int k = -1; k < rows; ++k)
        for (int block = 0; block < blocks; ++block)
          for (int gate = 0; gate < 4; ++gate)
            WriteBlock(gate, first + block * arena_.width(),
                       [this, k](int column) { return k < 0 ? Bias(column) : Weight(k, column); });
    });
  }

  /// In each panel for each block the biases of z, r and the candidate's recurrent part, then those
  /// of its input part; then for each k of [h; x] the three gates of each block. The two parts of
  /// the candidate are summed apart, because the reset gate comes between them.
  float* PackGru() {
    const int rows = op_.units + op_.inputs;
    return WritePanels(2 + rows, 4, [this, rows](int first, int blocks) {
      for (int block = 0; block < blocks; ++block)
        for (int gate = 0; gate < 3; ++gate)
          WriteBlock(gate, first + block * arena_.width(), [this, gate](int column) {
            return gate == kCandidate ? RecurrentBias(column)
                                      : Bias(column) + RecurrentBias(column);
          });
      for (int block = 0; block < blocks; ++block)
        WriteBlock(kCandidate, first + block * arena_.width(),
                   [this](int column) { return Bias(column); });
      for (int k = 0; k < rows; ++k)
        for (int block = 0; block < blocks; ++block)
          for (int gate = 0; gate < 3; ++gate)
            WriteBlock(gate, first + block * arena_.width(),
                       [this, k](int column) { return Weight(k, column); });
    });
  }

  Arena& arena_;
  const OpSpec& op_;
  const bool is_folded_;
  const std::int64_t columns_;
  float* next_ = nullptr;
  bool is_finite_ = true;
};

}  // namespace

bool IsFolded(const OpSpec& op) {
  return op.code != OpCode::kSimpleRnn && op.activation.code == ActivationCode::kTanh &&
         op.recurrent_activation.code == ActivationCode::kSigmoid;
}

bool PackRecurrent(Arena& arena, const OpSpec& op, PackedOp* packed) {
  packed->is_folded = IsFolded(op);
  packed->reset_after = op.reset_after;
  return RecurrentPacker(arena, op).Pack(packed);
}

}  // namespace lstmd
