#pragma once

#include <memory>
#include <vector>

#include "packed.h"
#include "spec.h"

namespace lstmd {

/// Cache line, and the widest vector there is.
inline constexpr std::size_t kAlignment = 64;

struct FreeAligned {
  void operator()(float* floats) const;
};

/// Everything that stepping needs, in one allocation.
struct PackedProgram {
  Packed packed;
  /// Buffer of each value; 0 is the input sample.
  std::vector<float*> values;
  std::vector<PackedOp> ops;
  std::unique_ptr<float, FreeAligned> memory;
};

/// Packs for vectors of `width` floats.
/// Returns what is wrong, or an empty string.
std::string Pack(const Spec& spec, int width, PackedProgram* program);

}  // namespace lstmd
