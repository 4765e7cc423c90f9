#include "pack/pack-recurrent.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pack/pack-matrix.h"

namespace lstmd {
namespace {

class RecurrentPacker {
 public:
  RecurrentPacker(Arena& arena, WeightFormat format, const OpSpec& op)
      : arena_(arena),
        format_(format),
        op_(op),
        is_folded_(IsFolded(op)),
        columns_(GatesOf(op) * op.units) {}

  bool Pack(PackedOp* packed) {
    packed->format = format_;
    FindScales();
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

  /// sigmoid(z) = 1 / (1 + e^y) with y = -z, and tanh(z) = (1 - e^y) / (1 + e^y) with y = -2 z:
  /// what is exact. A factor of log2(e) as well would round every weight, to save a multiplication.
  double Factor(int gate) const { return is_folded_ ? (gate == kCandidate ? -2 : -1) : 1; }

  float Fold(int gate, float weight) {
    const float folded = static_cast<float>(Factor(gate) * weight);
    is_finite_ = is_finite_ && std::isfinite(folded);
    return folded;
  }

  /// One for each column of [h; x], over both parts.
  void FindScales() {
    for (int column = 0; column < columns_ && !arena_.is_counting(); ++column) {
      float largest = 0;
      for (int k = 0; k < op_.units + op_.inputs; ++k)
        largest = std::max(largest, std::fabs(Weight(k, column)));
      // Of the largest, for all.
      Fold(column / op_.units, largest);
      scales_.push_back(ScaleOf(format_, largest));
    }
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
    const auto gate_of = [this, column_of](int unit) {
      const int column = column_of(unit);
      return column == kNone ? 0 : column / op_.units;
    };
    return PackMatrix(
        arena_, format_, op_.units + op_.inputs, units,
        [this, column_of](int k, int unit) {
          const int column = column_of(unit);
          return column == kNone ? 0 : Weight(k, column);
        },
        [this, gate_of](int unit) { return Factor(gate_of(unit)); },
        [this, column_of, gate_of](int unit) {
          const int column = column_of(unit);
          return column == kNone ? 0 : Fold(gate_of(unit), Bias(column));
        });
  }

  /// `write(column)` for a block of units of one gate; zeros beyond the last unit.
  template <typename Write>
  void ForEachUnit(int gate, int first, std::int64_t padding, Write write) {
    for (int unit = first; unit < first + arena_.width(); ++unit) {
      if (unit < op_.units) {
        write(gate * op_.units + unit);
      } else {
        // What is packed into is zeros already.
        next_ += padding;
      }
    }
  }

  void WriteBiases(int gate, int first, bool is_recurrent, bool is_input) {
    ForEachUnit(gate, first, sizeof(float), [=, this](int column) {
      const float bias = (is_input ? Bias(column) : 0) + (is_recurrent ? RecurrentBias(column) : 0);
      next_ = WriteValue(Fold(gate, bias), next_);
    });
  }

  void WriteScales(int gate, int first) {
    ForEachUnit(gate, first, sizeof(float), [this, gate](int column) {
      const float scale = scales_[static_cast<std::size_t>(column)];
      next_ = WriteValue(static_cast<float>(Factor(gate) * scale), next_);
    });
  }

  /// Of row `k` and those that lie together with it, up to `end`.
  void WriteWeights(int gate, int first, int k, int end) {
    const int together = RowsTogether(format_);
    ForEachUnit(gate, first, together * BytesOf(format_), [=, this](int column) {
      for (int row = k; row < k + together; ++row) {
        const float weight = row < end ? Weight(row, column) : 0;
        const float scale = scales_[static_cast<std::size_t>(column)];
        next_ = format_ == WeightFormat::kFloat32 ? WriteValue(Fold(gate, weight), next_)
                                                  : WriteWeight(format_, weight, scale, next_);
      }
    });
  }

  bool IsScaled() const { return format_ != WeightFormat::kFloat32; }

  /// Floats of a panel's weights; where they are smaller, up to whole cache lines.
  std::int64_t WeightFloats(std::int64_t weights) const {
    const std::int64_t bytes = weights * BytesOf(format_);
    constexpr std::int64_t kLine = kAlignment;
    return IsScaled() ? (bytes + kLine - 1) / kLine * kLine / 4 : weights;
  }

  /// Panels of two blocks of units, then a lone block: for each block of units `biases` vectors and
  /// as many scales as gates where there are any, then the weights, for each row of h and then of x
  /// the gates of the first block and of the second, a vector each. `write_biases(first, blocks)`.
  template <typename WriteBiases>
  float* WritePanels(int gates, int biases, WriteBiases write_biases) {
    const int rows = PaddedRows(format_, op_.units) + PaddedRows(format_, op_.inputs);
    const int width = arena_.width();
    std::vector<int> panels;
    std::int64_t total = 0;
    for (int first = 0; first < op_.units; first += 2 * width) {
      const int blocks = op_.units - first > width ? 2 : 1;
      panels.push_back(blocks);
      total += std::int64_t{biases + (IsScaled() ? gates : 0)} * blocks * width +
               WeightFloats(std::int64_t{rows} * gates * blocks * width);
    }
    float* const stream = arena_.Take(total);
    if (arena_.is_counting()) return stream;
    next_ = reinterpret_cast<unsigned char*>(stream);
    int first = 0;
    for (const int blocks : panels) {
      write_biases(first, blocks);
      const auto for_each_gate = [this, first, blocks, gates, width](auto write) {
        for (int block = 0; block < blocks; ++block)
          for (int gate = 0; gate < gates; ++gate) write(gate, first + block * width);
      };
      if (IsScaled()) for_each_gate([this](int gate, int at) { WriteScales(gate, at); });
      unsigned char* const weights = next_;
      const auto write_rows = [this, for_each_gate](int from, int end) {
        for (int k = from; k < end; k += RowsTogether(format_))
          for_each_gate([=, this](int gate, int at) { WriteWeights(gate, at, k, end); });
      };
      write_rows(0, op_.units);
      write_rows(op_.units, op_.units + op_.inputs);
      next_ = weights + WeightFloats(std::int64_t{rows} * gates * blocks * width) * 4;
      first += blocks * width;
    }
    return stream;
  }

  float* PackLstm() {
    return WritePanels(4, 4, [this](int first, int blocks) {
      for (int block = 0; block < blocks; ++block)
        for (int gate = 0; gate < 4; ++gate)
          WriteBiases(gate, first + block * arena_.width(), false, true);
    });
  }

  /// The biases are for each block those of z, r and the candidate's recurrent part, then those of
  /// its input part: the two are summed apart, because the reset gate comes between them.
  float* PackGru() {
    return WritePanels(3, 4, [this](int first, int blocks) {
      for (int block = 0; block < blocks; ++block)
        for (int gate = 0; gate < 3; ++gate)
          WriteBiases(gate, first + block * arena_.width(), true, gate != kCandidate);
      for (int block = 0; block < blocks; ++block)
        WriteBiases(kCandidate, first + block * arena_.width(), false, true);
    });
  }

  Arena& arena_;
  const WeightFormat format_;
  const OpSpec& op_;
  const bool is_folded_;
  const std::int64_t columns_;
  std::vector<float> scales_;
  unsigned char* next_ = nullptr;
  bool is_finite_ = true;
};

}  // namespace

bool IsFolded(const OpSpec& op) {
  return op.code != OpCode::kSimpleRnn && op.activation.code == ActivationCode::kTanh &&
         op.recurrent_activation.code == ActivationCode::kSigmoid;
}

bool PackRecurrent(Arena& arena, WeightFormat format, const OpSpec& op, PackedOp* packed) {
  packed->is_folded = IsFolded(op);
  packed->reset_after = op.reset_after;
  return RecurrentPacker(arena, format, op).Pack(packed);
}

}  // namespace lstmd
