// The steps of a program in plain float64, with which the targets are compared.
#pragma once

#include <vector>

#include "format/spec.h"

namespace lstmd::test {

/// A value of one step.
struct ReferenceValue {
  std::vector<double> floats;
  bool fresh = false;
};

/// One step of one lane. `values[0]` is the input; the other values and `lane` are written.
void ReferenceStep(const Spec& spec, std::vector<double>& lane,
                   std::vector<ReferenceValue>& values);

}  // namespace lstmd::test
