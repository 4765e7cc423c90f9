// The four arrays of a step, as JavaScript gives them.
#pragma once

#include <node_api.h>

#include <array>
#include <cstddef>

#include "run/program.h"

namespace lstmd::addon {

/// The memory of a typed array at the time of the call; a detached one has none.
struct Array {
  void* data = nullptr;
  std::size_t length = 0;
};

/// See `StepArrays` in src/engine/program/step-arrays.ts.
struct Arrays {
  Array state;
  Array input;
  Array output;
  Array flags;
};

/// The JavaScript values of `Arrays`, in its order.
using ArrayValues = std::array<napi_value, 4>;

/// Whose the samples of a step are: consecutive ones of one stream, or one of each of many.
enum class Streams { kOne, kMany };

/// Reads a typed array.
/// @return false when `value` is not a typed array of `type`
bool ReadArray(napi_env env, napi_value value, napi_typedarray_type type, Array* array);

/// Reads the properties `state`, `input`, `output` and `flags` of `object`.
/// @return null, or what is wrong with their types
const char* ReadArrays(napi_env env, napi_value object, ArrayValues* values, Arrays* arrays);

/// How many samples the arrays have room for.
std::size_t RoomOf(const Program& program, const Arrays& arrays, Streams streams);

/// Checks that the arrays can be stepped with up to `room` samples.
/// @return null, or why they cannot
const char* CheckArrays(const Program& program, const Arrays& arrays, std::size_t room,
                        Streams streams);

}  // namespace lstmd::addon
