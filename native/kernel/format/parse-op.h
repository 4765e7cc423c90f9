#pragma once

#include "format/reader.h"
#include "format/scope.h"
#include "format/spec.h"

namespace lstmd {

/// Reads a step operation, from its code to its last operand.
OpSpec ReadOp(Reader& reader, Scope& scope);

}  // namespace lstmd
