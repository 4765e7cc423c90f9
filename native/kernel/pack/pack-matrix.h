#pragma once

#include <algorithm>
#include <cmath>

#include "pack/arena.h"
#include "pack/pack-weights.h"
#include "pack/packed.h"

namespace lstmd {

/// With no more units than this, a dot product for each reads fewer weights than padded panels.
inline constexpr int kMaxRows = 4;

inline MatrixLayout LayoutOf(const Arena& arena, int units) {
  return units <= kMaxRows && units < arena.width() ? MatrixLayout::kRows : MatrixLayout::kPanels;
}

/// The count of weights of one matrix, padding included.
inline std::int64_t MatrixSize(const Arena& arena, WeightFormat format, int inputs, int units) {
  return LayoutOf(arena, units) == MatrixLayout::kRows
             ? units * arena.RoundUp(inputs)
             : PaddedRows(format, inputs) * arena.RoundUp(units);
}

/// Calls `write(input, unit)` for each weight of a matrix in the order of memory, and `pad()` for
/// each weight of padding.
template <typename Write, typename Pad>
void ForEachWeight(const Arena& arena, WeightFormat format, int inputs, int units, Write write,
                   Pad pad) {
  const int width = arena.width();
  const auto visit = [&](int k, int unit) {
    if (k < inputs && unit < units) {
      write(k, unit);
    } else {
      pad();
    }
  };
  if (LayoutOf(arena, units) == MatrixLayout::kRows) {
    for (int unit = 0; unit < units; ++unit)
      for (int k = 0; k < arena.RoundUp(inputs); ++k) visit(k, unit);
    return;
  }
  std::int64_t vectors = arena.RoundUp(units) / width;
  int first = 0;
  for (int panel = 8; panel > 0; panel /= 2)
    for (; vectors >= panel; vectors -= panel, first += panel * width)
      for (int k = 0; k < inputs; k += InterleavedRows(format))
        for (int unit = first; unit < first + panel * width; ++unit)
          for (int i = 0; i < InterleavedRows(format); ++i) visit(k + i, unit);
}

/// Writes one matrix of `weight_at(input, unit)` as float32.
template <typename WeightAt>
void WriteMatrix(const Arena& arena, int inputs, int units, WeightAt weight_at, float* next) {
  ForEachWeight(
      arena, WeightFormat::kFloat32, inputs, units,
      [&](int k, int unit) { *next++ = weight_at(k, unit); }, [&] { *next++ = 0; });
}

/// Packs the matrix of `weight_at(input, unit)` times `factor_at(unit)`, with `bias_at(unit)`. Rows
/// for few units are float32 in any format.
template <typename WeightAt, typename FactorAt, typename BiasAt>
Matrix PackMatrix(Arena& arena, WeightFormat format, int inputs, int units, WeightAt weight_at,
                  FactorAt factor_at, BiasAt bias_at) {
  const MatrixLayout layout = LayoutOf(arena, units);
  if (layout == MatrixLayout::kRows) format = WeightFormat::kFloat32;
  const bool is_scaled = format != WeightFormat::kFloat32;
  const std::int64_t bytes = MatrixSize(arena, format, inputs, units) * BytesOf(format);
  float* const bias = arena.Take(arena.RoundUp(units));
  float* const scale = is_scaled ? arena.Take(arena.RoundUp(units)) : bias;
  float* const weights = arena.Take((bytes + 3) / 4);
  const Matrix matrix = {layout, format, inputs, units, bias, scale, weights};
  if (arena.is_counting()) return matrix;
  for (int unit = 0; unit < units; ++unit) bias[unit] = bias_at(unit);
  if (!is_scaled) {
    WriteMatrix(
        arena, inputs, units,
        [&](int k, int unit) { return static_cast<float>(factor_at(unit) * weight_at(k, unit)); },
        weights);
    return matrix;
  }
  for (int unit = 0; unit < units; ++unit) {
    float largest = 0;
    for (int k = 0; k < inputs; ++k) largest = std::max(largest, std::fabs(weight_at(k, unit)));
    scale[unit] = ScaleOf(format, largest);
  }
  unsigned char* next = reinterpret_cast<unsigned char*>(weights);
  ForEachWeight(
      arena, format, inputs, units,
      [&](int k, int unit) { next = WriteWeight(format, weight_at(k, unit), scale[unit], next); },
      [&] { next = WriteWeight(format, 0, 1, next); });
  for (int unit = 0; unit < units; ++unit)
    scale[unit] = static_cast<float>(factor_at(unit) * scale[unit]);
  return matrix;
}

}  // namespace lstmd
