#include "pack/pack-recurrent.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pack/pack-matrix.h"
#include "pack/recurrent-layer.h"

namespace lstmd {
namespace {

class LayerPacker {
 public:
  LayerPacker(Arena& arena, const RecurrentLayer& layer, const Spent& spent)
      : arena_(arena),
        layer_(layer),
        spent_(spent),
        columns_(std::int64_t{layer.gates} * layer.units) {
    FindScales();
  }

  /// Returns whether every folded weight so far is finite.
  bool is_finite() const { return is_finite_; }

  float* PackLstm() {
    return WritePanels([this](int first, int vectors) {
      for (int vector = 0; vector < vectors; ++vector)
        for (int gate = 0; gate < 4; ++gate)
          WriteBiases(gate, first + vector * arena_.width(), false, true);
    });
  }

  /// The biases of each vector are those of z, r and the candidate's recurrent part, then those of
  /// its input part: the two parts are summed apart, because the reset gate comes between them.
  float* PackGru() {
    return WritePanels([this](int first, int vectors) {
      for (int vector = 0; vector < vectors; ++vector)
        for (int gate = 0; gate < 3; ++gate)
          WriteBiases(gate, first + vector * arena_.width(), true, gate != kCandidate);
      for (int vector = 0; vector < vectors; ++vector)
        WriteBiases(kCandidate, first + vector * arena_.width(), false, true);
    });
  }

  /// [h; x] by the gates z and r, each padded to whole vectors.
  Matrix PackGruGates() {
    const int padded = static_cast<int>(arena_.RoundUp(layer_.units));
    return PackColumns(2 * padded, [this, padded](int unit) {
      const int column = unit % padded;
      return column < layer_.units ? unit / padded * layer_.units + column : kNone;
    });
  }

  /// [h; x] by the columns of one gate.
  Matrix PackGate(int gate) {
    return PackColumns(layer_.units, [this, gate](int unit) { return gate * layer_.units + unit; });
  }

  /// For what is not packed row by row.
  void MarkSpent() {
    if (arena_.is_counting()) return;
    spent_(layer_.recurrent_kernel, std::int64_t{layer_.units} * columns_);
    spent_(layer_.kernel, std::int64_t{layer_.inputs} * columns_);
  }

 private:
  float Fold(int gate, float weight) {
    const float folded = static_cast<float>(layer_.Factor(gate) * weight);
    is_finite_ = is_finite_ && std::isfinite(folded);
    return folded;
  }

  /// Finds the scale of each column of [h; x], over the weights of h and of x together.
  void FindScales() {
    if (arena_.is_counting()) return;
    std::vector<float> largest(static_cast<std::size_t>(columns_));
    for (int k = 0; k < layer_.units + layer_.inputs; ++k) {
      const float* weight = layer_.Row(k);
      for (float& column : largest) column = std::max(column, std::fabs(*weight++));
    }
    for (int column = 0; column < columns_; ++column) {
      const float of_column = largest[static_cast<std::size_t>(column)];
      // If the largest weight stays finite when it is folded, all do.
      Fold(column / layer_.units, of_column);
      scales_.push_back(ScaleOf(layer_.format, of_column));
    }
  }

  /// [h; x] by the column that `column_of` gives for each unit; kNone is a unit of padding.
  template <typename ColumnOf>
  Matrix PackColumns(int units, ColumnOf column_of) {
    const auto gate_of = [this, column_of](int unit) {
      const int column = column_of(unit);
      return column == kNone ? 0 : column / layer_.units;
    };
    return PackMatrix(
        arena_, layer_.format, layer_.units + layer_.inputs, units,
        [this, column_of](int k, int unit) {
          const int column = column_of(unit);
          return column == kNone ? 0 : layer_.Weight(k, column);
        },
        [this, gate_of](int unit) { return layer_.Factor(gate_of(unit)); },
        [this, column_of, gate_of](int unit) {
          const int column = column_of(unit);
          return column == kNone ? 0 : Fold(gate_of(unit), layer_.Bias(column));
        });
  }

  /// Calls `write(column)` for a vector of units of one gate, and skips `padding` bytes for each
  /// unit beyond the last.
  template <typename Write>
  void ForEachUnit(int gate, int first, std::int64_t padding, Write write) {
    for (int unit = first; unit < first + arena_.width(); ++unit) {
      if (unit < layer_.units) {
        write(gate * layer_.units + unit);
      } else {
        // The memory is zeros already.
        next_ += padding;
      }
    }
  }

  void WriteBiases(int gate, int first, bool is_recurrent, bool is_input) {
    ForEachUnit(gate, first, sizeof(float), [=, this](int column) {
      const float bias =
          (is_input ? layer_.Bias(column) : 0) + (is_recurrent ? layer_.RecurrentBias(column) : 0);
      next_ = WriteValue(Fold(gate, bias), next_);
    });
  }

  void WriteScales(int gate, int first) {
    ForEachUnit(gate, first, sizeof(float), [this, gate](int column) {
      const float scale = scales_[static_cast<std::size_t>(column)];
      next_ = WriteValue(static_cast<float>(layer_.Factor(gate) * scale), next_);
    });
  }

  /// Writes the weights of row `k` and of those that lie interleaved with it, up to row `end`.
  void WriteWeights(int gate, int first, int k, int end) {
    const WeightFormat format = layer_.format;
    const int interleaved = InterleavedRows(format);
    ForEachUnit(gate, first, interleaved * BytesOf(format), [=, this](int column) {
      for (int row = k; row < k + interleaved; ++row) {
        const float weight = row < end ? layer_.Weight(row, column) : 0;
        const float scale = scales_[static_cast<std::size_t>(column)];
        next_ = IsScaled() ? WriteWeight(format, weight, scale, next_)
                           : WriteValue(Fold(gate, weight), next_);
      }
    });
  }

  bool IsScaled() const { return layer_.format != WeightFormat::kFloat32; }

  /// The floats that a panel's weights take: up to whole cache lines where they are smaller than
  /// float32.
  std::int64_t WeightFloats(std::int64_t weights) const {
    const std::int64_t bytes = weights * BytesOf(layer_.format);
    constexpr std::int64_t kLine = kAlignment;
    return IsScaled() ? (bytes + kLine - 1) / kLine * kLine / 4 : weights;
  }

  /// Two vectors of units, or a lone one.
  struct Panel {
    int first;
    int vectors;
    /// The panel's next weight is written here.
    unsigned char* next;
  };

  /// Writes panels of two vectors of units, then a lone vector. A panel has for each vector four
  /// vectors of biases, and a vector of scales for each gate where the weights are smaller than
  /// float32; then the weights: for each row of h and then of x the gates of the first vector and
  /// of the second, a vector each.
  ///
  /// @param write_biases called with the first unit and the count of vectors of each panel
  template <typename WriteBiasesOf>
  float* WritePanels(WriteBiasesOf write_biases) {
    constexpr int kBiases = 4;
    const int gates = layer_.gates;
    const int rows =
        PaddedRows(layer_.format, layer_.units) + PaddedRows(layer_.format, layer_.inputs);
    const int width = arena_.width();
    std::vector<Panel> panels;
    std::int64_t total = 0;
    for (int first = 0; first < layer_.units; first += 2 * width) {
      const int vectors = layer_.units - first > width ? 2 : 1;
      panels.push_back({first, vectors, nullptr});
      total += std::int64_t{kBiases + (IsScaled() ? gates : 0)} * vectors * width +
               WeightFloats(std::int64_t{rows} * gates * vectors * width);
    }
    float* const stream = arena_.Take(total);
    if (arena_.is_counting()) return stream;
    next_ = reinterpret_cast<unsigned char*>(stream);
    const auto for_each_gate = [gates, width](const Panel& panel, auto write) {
      for (int vector = 0; vector < panel.vectors; ++vector)
        for (int gate = 0; gate < gates; ++gate) write(gate, panel.first + vector * width);
    };
    for (Panel& panel : panels) {
      write_biases(panel.first, panel.vectors);
      if (IsScaled()) for_each_gate(panel, [this](int gate, int at) { WriteScales(gate, at); });
      panel.next = next_;
      next_ += WeightFloats(std::int64_t{rows} * gates * panel.vectors * width) * 4;
    }
    // Row by row through all panels, so that the rows behind are spent.
    const auto write_rows = [this, &panels, for_each_gate](int from, int end) {
      const int interleaved = InterleavedRows(layer_.format);
      for (int k = from; k < end; k += interleaved) {
        for (Panel& panel : panels) {
          next_ = panel.next;
          for_each_gate(panel,
                        [this, k, end](int gate, int at) { WriteWeights(gate, at, k, end); });
          panel.next = next_;
        }
        spent_(layer_.Row(k), std::min(interleaved, end - k) * columns_);
      }
    };
    write_rows(0, layer_.units);
    write_rows(layer_.units, layer_.units + layer_.inputs);
    return stream;
  }

  Arena& arena_;
  const RecurrentLayer layer_;
  const Spent& spent_;
  const std::int64_t columns_;
  std::vector<float> scales_;
  unsigned char* next_ = nullptr;
  bool is_finite_ = true;
};

RecurrentLayer LayerOf(WeightFormat format, const PackedOp& packed, const RecurrentOp& op,
                       int gates) {
  return {.format = format,
          .inputs = packed.inputs,
          .units = packed.units,
          .gates = gates,
          .is_folded = false,
          .kernel = op.kernel,
          .recurrent_kernel = op.recurrent_kernel,
          .bias = op.bias,
          .recurrent_bias = nullptr};
}

}  // namespace

bool PackWeights(Arena& arena, WeightFormat format, const LstmOp& op, const Spent& spent,
                 Packed<LstmOp>* packed) {
  RecurrentLayer layer = LayerOf(format, *packed, op, 4);
  layer.is_folded = IsFolded(op);
  packed->format = format;
  packed->is_folded = layer.is_folded;
  LayerPacker packer(arena, layer, spent);
  packed->weights = packer.PackLstm();
  return packer.is_finite();
}

bool PackWeights(Arena& arena, WeightFormat format, const GruOp& op, const Spent& spent,
                 Packed<GruOp>* packed) {
  RecurrentLayer layer = LayerOf(format, *packed, op, 3);
  layer.is_folded = IsFolded(op);
  layer.recurrent_bias = op.recurrent_bias;
  packed->format = format;
  packed->is_folded = layer.is_folded;
  LayerPacker packer(arena, layer, spent);
  if (op.reset_after) {
    packed->weights = packer.PackGru();
  } else {
    packed->gate_matrix = packer.PackGruGates();
    packed->candidate_matrix = packer.PackGate(kCandidate);
    packer.MarkSpent();
  }
  return packer.is_finite();
}

bool PackWeights(Arena& arena, WeightFormat format, const SimpleRnnOp& op, const Spent& spent,
                 Packed<SimpleRnnOp>* packed) {
  LayerPacker packer(arena, LayerOf(format, *packed, op, 1), spent);
  packed->matrix = packer.PackGate(0);
  packer.MarkSpent();
  return packer.is_finite();
}

}  // namespace lstmd
