#pragma once

#include "format/spec.h"
#include "pack/pack.h"
#include "targets/target.h"

namespace lstmd {

/// Computes a whole window, operation by operation, as src/model/plan/window-plan.ts describes it.
/// Value 0 is read from `program.windows[0]`, the others are written. Allocates nothing.
///
/// @return false when a scan left its output short of rows: the window then has no output
bool RunWindow(const Spec& spec, const PackedProgram& program, const Target& target);

}  // namespace lstmd
