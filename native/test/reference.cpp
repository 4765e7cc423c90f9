#include "reference.h"

#include <algorithm>

#include "reference-operation.h"

namespace lstmd::test {

void ReferenceStep(const Spec& spec, Values& lane, std::vector<ReferenceValue>& values) {
  for (const OpSpec& op : spec.ops) {
    const bool fresh = ReferenceOperation(op, lane, values).Run();
    values[Index(op.output)].fresh = fresh;
    if (op.mask_output != kNone) values[Index(op.mask_output)].fresh = fresh;
  }
  for (const OutputSpec& output : spec.outputs) {
    const ReferenceValue& value = values[Index(output.value)];
    if (output.held_offset == kNone || !value.fresh) continue;
    std::copy(value.floats.begin(), value.floats.end(), lane.begin() + output.held_offset);
    lane[Index(output.holds_offset)] = 1;
  }
}

}  // namespace lstmd::test
