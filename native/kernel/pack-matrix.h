#pragma once

#include "arena.h"
#include "packed.h"

namespace lstmd {

/// Up to so many units a dot product for each is less to read than padded panels.
inline constexpr int kMaxRows = 4;

inline MatrixLayout LayoutOf(const Arena& arena, int units) {
  return units <= kMaxRows && units < arena.width() ? MatrixLayout::kRows : MatrixLayout::kPanels;
}

/// Floats of one matrix.
inline std::int64_t MatrixSize(const Arena& arena, int inputs, int units) {
  return LayoutOf(arena, units) == MatrixLayout::kRows ? units * arena.RoundUp(inputs)
                                                       : inputs * arena.RoundUp(units);
}

/// Writes one matrix of `weight_at(input, unit)`; returns what follows it.
template <typename WeightAt>
float* WriteMatrix(const Arena& arena, int inputs, int units, WeightAt weight_at, float* next) {
  const int width = arena.width();
  if (LayoutOf(arena, units) == MatrixLayout::kRows) {
    for (int unit = 0; unit < units; ++unit)
      for (int k = 0; k < arena.RoundUp(inputs); ++k) *next++ = k < inputs ? weight_at(k, unit) : 0;
    return next;
  }
  std::int64_t blocks = arena.RoundUp(units) / width;
  int first = 0;
  for (int panel = 8; panel > 0; panel /= 2) {
    for (; blocks >= panel; blocks -= panel, first += panel * width)
      for (int k = 0; k < inputs; ++k)
        for (int unit = first; unit < first + panel * width; ++unit)
          *next++ = unit < units ? weight_at(k, unit) : 0;
  }
  return next;
}

/// `bias_at(unit)` for each unit.
template <typename WeightAt, typename BiasAt>
Matrix PackMatrix(Arena& arena, int inputs, int units, WeightAt weight_at, BiasAt bias_at) {
  float* const bias = arena.Take(arena.RoundUp(units));
  float* const weights = arena.Take(MatrixSize(arena, inputs, units));
  if (!arena.is_counting()) {
    for (int unit = 0; unit < units; ++unit) bias[unit] = bias_at(unit);
    WriteMatrix(arena, inputs, units, weight_at, weights);
  }
  return {LayoutOf(arena, units), inputs, units, bias, weights};
}

}  // namespace lstmd
