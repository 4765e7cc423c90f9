#include "arrays.h"

#include <cstdint>
#include <functional>

namespace lstmd::addon {
namespace {

struct Bytes {
  const unsigned char* begin;
  const unsigned char* end;

  Bytes(const void* data, std::size_t size)
      : begin(static_cast<const unsigned char*>(data)), end(begin + size) {}
};

bool Overlap(const Bytes& a, const Bytes& b) {
  // The total order that the built-in < need not have for pointers into different arrays.
  const std::less<const unsigned char*> before;
  return before(a.begin, b.end) && before(b.begin, a.end);
}

}  // namespace

bool ReadArray(napi_env env, napi_value value, napi_typedarray_type type, Array* array) {
  napi_typedarray_type found;
  return napi_get_typedarray_info(env, value, &found, &array->length, &array->data, nullptr,
                                  nullptr) == napi_ok &&
         found == type;
}

const char* ReadArrays(napi_env env, const ArrayValues& values, Arrays* arrays) {
  if (!ReadArray(env, values[0], napi_float32_array, &arrays->state))
    return "step: state must be a Float32Array";
  if (!ReadArray(env, values[1], napi_float32_array, &arrays->input))
    return "step: input must be a Float32Array";
  if (!ReadArray(env, values[2], napi_float32_array, &arrays->output))
    return "step: output must be a Float32Array";
  if (!ReadArray(env, values[3], napi_uint8_array, &arrays->flags))
    return "step: flags must be a Uint8Array";
  return nullptr;
}

const char* Misfit(const Program& program, const Arrays& arrays, double count_value, Way way) {
  const auto& [state, input, output, flags] = arrays;
  // A flag a sample: that bounds the count before it is converted and multiplied.
  if (!(count_value >= 0 && count_value <= static_cast<double>(flags.length)))
    return "step: count must be from 0 to the length of flags";
  const std::size_t count = static_cast<std::size_t>(count_value);
  if (static_cast<double>(count) != count_value) return "step: count must be an integer";
  const std::size_t states = way == Way::kMany ? count : 1;
  if (state.length / program.state_size() < states)
    return "step: state is shorter than what the program keeps";
  if (input.length / program.features() < count)
    return "step: input is shorter than count x features";
  if (output.length / program.output_size() < count)
    return "step: output is shorter than count x outputSize";

  const Bytes state_bytes(state.data, states * program.state_size() * sizeof(float));
  const Bytes input_bytes(input.data, count * program.features() * sizeof(float));
  const Bytes output_bytes(output.data, count * program.output_size() * sizeof(float));
  const Bytes flags_bytes(flags.data, count);
  if (Overlap(state_bytes, input_bytes) || Overlap(state_bytes, output_bytes) ||
      Overlap(state_bytes, flags_bytes) || Overlap(input_bytes, output_bytes) ||
      Overlap(input_bytes, flags_bytes) || Overlap(output_bytes, flags_bytes))
    return "step: the arrays must not share memory";
  return nullptr;
}

bool StepArrays(Program& program, const Arrays& arrays, std::size_t count, Way way) {
  float* const state = static_cast<float*>(arrays.state.data);
  const float* const input = static_cast<const float*>(arrays.input.data);
  float* const output = static_cast<float*>(arrays.output.data);
  std::uint8_t* const flags = static_cast<std::uint8_t*>(arrays.flags.data);
  return way == Way::kMany ? program.StepMany(state, input, count, output, flags)
                           : program.Step(state, input, count, output, flags);
}

}  // namespace lstmd::addon
