// Programs that have every operation.
#pragma once

#include <vector>

#include "builder.h"

namespace lstmd::test {

/// 3 features; a window of 5, in `sliding` with stride 2; three outputs, held.
Builder EverythingBySteps(Mode mode);
/// The same window and stride; a scan, both ways, and every other operation on windows.
Builder EverythingByWindows();
std::vector<Builder> EverythingInAllModes();

}  // namespace lstmd::test
