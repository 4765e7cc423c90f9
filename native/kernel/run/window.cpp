#include "run/window.h"

#include <algorithm>
#include <cstddef>

#include "format/index.h"

namespace lstmd {
namespace {

/// The rows of one value, which a scan fills.
class Rows {
 public:
  Rows(const ValueSpec& value, float* rows) : value_(value), rows_(rows) {}

  /// Drops the first row where there is no room for another.
  void Append(const float* row) {
    if (count_ == value_.steps) {
      std::copy(At(1), At(value_.steps), rows_);
    } else {
      ++count_;
    }
    std::copy_n(row, value_.size, At(count_ - 1));
  }

  bool IsShort() const { return count_ < value_.steps; }

  void Reverse() {
    for (int i = 0, j = value_.steps - 1; i < j; ++i, --j)
      std::swap_ranges(At(i), At(i + 1), At(j));
  }

 private:
  float* At(int step) const { return rows_ + std::ptrdiff_t{step} * value_.size; }

  const ValueSpec& value_;
  float* rows_;
  int count_ = 0;
};

class Runner {
 public:
  Runner(const Spec& spec, const PackedProgram& program, const Target& target)
      : spec_(spec), program_(program), target_(target) {}

  bool Run() const {
    for (std::size_t i = 0; i < spec_.window_ops.size(); ++i) {
      const WindowOpSpec& op = spec_.window_ops[i];
      if (op.code != WindowOpCode::kScan) {
        Rearrange(op);
      } else if (!Scan(op, *program_.ops[i])) {
        return false;
      }
    }
    return true;
  }

 private:
  const ValueSpec& Value(int value) const { return spec_.values[Index(value)]; }
  float* Window(int value) const { return program_.windows[Index(value)]; }
  Rows RowsOf(int value) const { return {Value(value), Window(value)}; }

  bool Scan(const WindowOpSpec& op, const PackedOp& packed) const {
    LaneSet* const fresh = program_.fresh.get();
    const Lane lane = {program_.scratch, program_.workspaces[0]};
    const PackedOp* const only = &packed;
    PackedSteps steps_of_one = program_.steps;
    steps_of_one.ops = &only;
    steps_of_one.op_count = 1;
    const int mask = packed.mask_output;
    Rows output = RowsOf(op.output);
    Rows masks = RowsOf(mask == kNone ? op.output : mask);
    std::fill_n(program_.scratch, spec_.lane_state_size, 0.0f);
    for (const ScanState& state : op.initial_states)
      std::copy_n(Window(state.value), Value(state.value).size, program_.scratch + state.offset);
    for (const int source : op.op.sources) fresh[source] = 1;
    const int steps = Value(op.input).steps;
    for (int i = 0; i < steps; ++i) {
      for (const int source : op.op.sources) LoadRow(source, op.reverse ? steps - 1 - i : i);
      // No state can be invalid, because the scratch began with zeros.
      target_.functions->step(steps_of_one, &lane, 1, 1);
      if (fresh[op.output] == 0) continue;
      output.Append(lane.workspace + packed.y);
      if (mask != kNone) masks.Append(lane.workspace + program_.values[Index(mask)]);
    }
    for (const ScanState& state : op.final_states)
      std::copy_n(program_.scratch + state.offset, Value(state.value).size, Window(state.value));
    if (output.IsShort() || (mask != kNone && masks.IsShort())) return false;
    if (op.reverse) {
      output.Reverse();
      if (mask != kNone) masks.Reverse();
    }
    return true;
  }

  void LoadRow(int value, int step) const {
    const int size = Value(value).size;
    std::copy_n(Window(value) + std::ptrdiff_t{step} * size, size,
                program_.workspaces[0] + program_.values[Index(value)]);
  }

  void Rearrange(const WindowOpSpec& op) const {
    const ValueSpec& from = Value(op.input);
    const ValueSpec& to = Value(op.output);
    const float* const x = Window(op.input);
    float* const y = Window(op.output);
    const std::ptrdiff_t row = from.size;
    const std::ptrdiff_t floats = from.steps * row;
    switch (op.code) {
      case WindowOpCode::kPad:
        std::fill_n(y, to.steps * row, op.value);
        std::copy_n(x, floats, y + op.before * row);
        return;
      case WindowOpCode::kCrop:
        std::copy_n(x + op.before * row, to.steps * row, y);
        return;
      case WindowOpCode::kRepeat:
        for (int step = 0; step < to.steps; ++step) std::copy_n(x, row, y + step * row);
        return;
      case WindowOpCode::kTranspose:
        for (int step = 0; step < from.steps; ++step)
          for (int i = 0; i < from.size; ++i)
            y[std::ptrdiff_t{i} * to.size + step] = x[step * row + i];
        return;
      case WindowOpCode::kReshape:
        std::copy_n(x, floats, y);
        return;
      case WindowOpCode::kScan:
        return;
    }
  }

  const Spec& spec_;
  const PackedProgram& program_;
  const Target& target_;
};

}  // namespace

bool RunWindow(const Spec& spec, const PackedProgram& program, const Target& target) {
  return Runner(spec, program, target).Run();
}

}  // namespace lstmd
