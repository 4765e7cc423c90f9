// Activations in plain float64, with which the targets are compared.
#pragma once

#include <vector>

#include "format/activation.h"

namespace lstmd::test {

/// An elementwise function; NaN for one over a whole value.
double ReferenceActivation(const Activation& activation, double x);

/// Replaces a value by its activation.
void Activate(const Activation& activation, std::vector<double>& values);

}  // namespace lstmd::test
