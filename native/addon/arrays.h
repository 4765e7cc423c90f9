// The four arrays that a program steps.
#pragma once

#include <node_api.h>

#include <array>
#include <cstddef>

#include "run/program.h"

namespace lstmd::addon {

/// The memory of a typed array, as it is at this call: a detached one has none.
struct Array {
  void* data = nullptr;
  std::size_t length = 0;
};

struct Arrays {
  Array state;
  Array input;
  Array output;
  Array flags;
};

/// What the samples of a call are: one after the other of a stream, or one of each of many streams,
/// whose states lie one after the other in `state`.
enum class Way { kBlock, kMany };

/// In the order of `Arrays`.
using ArrayValues = std::array<napi_value, 4>;

/// False when `value` is no typed array of `type`.
bool ReadArray(napi_env env, napi_value value, napi_typedarray_type type, Array* array);

/// @return null, or which of them is not what it must be
const char* ReadArrays(napi_env env, const ArrayValues& values, Arrays* arrays);

/// @return null, or why so many samples cannot be stepped in these arrays
const char* Misfit(const Program& program, const Arrays& arrays, double count,
                   Way way = Way::kBlock);

/// Steps what fits; see `Program::Step` and `Program::StepMany`.
bool StepArrays(Program& program, const Arrays& arrays, std::size_t count, Way way = Way::kBlock);

}  // namespace lstmd::addon
