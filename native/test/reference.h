// The same steps in plain float64: what the targets are compared with.
#pragma once

#include <cstdint>
#include <vector>

#include "spec.h"

namespace lstmd::test {

double ReferenceActivation(const Activation& activation, double x);

/// One step of one lane. `values[0]` is the input; the other values and `lane` are written.
void ReferenceStep(const Spec& spec, std::int64_t age, std::vector<double>& lane,
                   std::vector<std::vector<double>>& values);

}  // namespace lstmd::test
