#include "arrays.h"

#include <algorithm>
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
  // std::less is a total order, which the built-in < is not for pointers into different arrays.
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

const char* ReadArrays(napi_env env, napi_value object, ArrayValues* values, Arrays* arrays) {
  // A property may be a getter, which may even take the memory of another array away: so all
  // properties are read before any memory is looked at.
  constexpr std::array kNames = {"state", "input", "output", "flags"};
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (napi_get_named_property(env, object, kNames[i], &(*values)[i]) != napi_ok)
      return "bind(arrays): arrays must be an object";

  if (!ReadArray(env, (*values)[0], napi_float32_array, &arrays->state))
    return "bind: state must be a Float32Array";
  if (!ReadArray(env, (*values)[1], napi_float32_array, &arrays->input))
    return "bind: input must be a Float32Array";
  if (!ReadArray(env, (*values)[2], napi_float32_array, &arrays->output))
    return "bind: output must be a Float32Array";
  if (!ReadArray(env, (*values)[3], napi_uint8_array, &arrays->flags))
    return "bind: flags must be a Uint8Array";
  return nullptr;
}

std::size_t RoomOf(const Program& program, const Arrays& arrays, Streams streams) {
  const std::size_t room =
      std::min({arrays.input.length / program.features(),
                arrays.output.length / program.output_size(), arrays.flags.length});
  return streams == Streams::kMany ? std::min(room, arrays.state.length / program.state_size())
                                   : room;
}

const char* CheckArrays(const Program& program, const Arrays& arrays, std::size_t room,
                        Streams streams) {
  const std::size_t states = streams == Streams::kMany ? room : 1;
  if (arrays.state.length / program.state_size() < states)
    return "bind: state is shorter than the state of the program";

  const Bytes state(arrays.state.data, states * program.state_size() * sizeof(float));
  const Bytes input(arrays.input.data, room * program.features() * sizeof(float));
  const Bytes output(arrays.output.data, room * program.output_size() * sizeof(float));
  const Bytes flags(arrays.flags.data, room);
  if (Overlap(state, input) || Overlap(state, output) || Overlap(state, flags) ||
      Overlap(input, output) || Overlap(input, flags) || Overlap(output, flags))
    return "bind: the arrays must not share memory";
  return nullptr;
}

}  // namespace lstmd::addon
