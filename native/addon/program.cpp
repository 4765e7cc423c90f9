#include "../kernel/program.h"

#include <cstdint>
#include <functional>
#include <string>

#include "program-class.h"

namespace lstmd::addon {
namespace {

/// The memory of a typed array, as it is at this call: a detached one has none.
struct Array {
  void* data = nullptr;
  std::size_t length = 0;
};

/// False when `value` is no typed array of `type`.
bool ReadArray(napi_env env, napi_value value, napi_typedarray_type type, Array* array) {
  napi_typedarray_type found;
  return napi_get_typedarray_info(env, value, &found, &array->length, &array->data, nullptr,
                                  nullptr) == napi_ok &&
         found == type;
}

napi_value ThrowTypeError(napi_env env, const char* message) {
  napi_throw_type_error(env, nullptr, message);
  return nullptr;
}

napi_value ThrowRangeError(napi_env env, const char* message) {
  napi_throw_range_error(env, nullptr, message);
  return nullptr;
}

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

/// step(state, input, count, output, flags). The program comes with the function and not with
/// `this`, so there is no wrong `this` to guard against, and nothing to unwrap.
napi_value Step(napi_env env, napi_callback_info info) {
  constexpr std::size_t kArguments = 5;
  napi_value arguments[kArguments];
  std::size_t given = kArguments;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &given, arguments, nullptr, &data) != napi_ok) return nullptr;
  Program& program = *static_cast<Program*>(data);

  Array state;
  Array input;
  Array output;
  Array flags;
  double count_value = 0;
  if (!ReadArray(env, arguments[0], napi_float32_array, &state))
    return ThrowTypeError(env, "step: state must be a Float32Array");
  if (!ReadArray(env, arguments[1], napi_float32_array, &input))
    return ThrowTypeError(env, "step: input must be a Float32Array");
  if (napi_get_value_double(env, arguments[2], &count_value) != napi_ok)
    return ThrowTypeError(env, "step: count must be a number");
  if (!ReadArray(env, arguments[3], napi_float32_array, &output))
    return ThrowTypeError(env, "step: output must be a Float32Array");
  if (!ReadArray(env, arguments[4], napi_uint8_array, &flags))
    return ThrowTypeError(env, "step: flags must be a Uint8Array");

  // A flag a sample: that bounds the count before it is converted and multiplied.
  if (!(count_value >= 0 && count_value <= static_cast<double>(flags.length)))
    return ThrowRangeError(env, "step: count must be from 0 to the length of flags");
  const std::size_t count = static_cast<std::size_t>(count_value);
  if (static_cast<double>(count) != count_value)
    return ThrowRangeError(env, "step: count must be an integer");
  if (state.length < program.state_size())
    return ThrowRangeError(env, "step: state is shorter than the program's state");
  if (input.length / program.features() < count)
    return ThrowRangeError(env, "step: input is shorter than count x features");
  if (output.length / program.output_size() < count)
    return ThrowRangeError(env, "step: output is shorter than count x outputSize");

  const Bytes state_bytes(state.data, program.state_size() * sizeof(float));
  const Bytes input_bytes(input.data, count * program.features() * sizeof(float));
  const Bytes output_bytes(output.data, count * program.output_size() * sizeof(float));
  const Bytes flags_bytes(flags.data, count);
  if (Overlap(state_bytes, input_bytes) || Overlap(state_bytes, output_bytes) ||
      Overlap(state_bytes, flags_bytes) || Overlap(input_bytes, output_bytes) ||
      Overlap(input_bytes, flags_bytes) || Overlap(output_bytes, flags_bytes))
    return ThrowRangeError(env, "step: the arrays must not share memory");

  if (!program.Step(static_cast<float*>(state.data), static_cast<const float*>(input.data), count,
                    static_cast<float*>(output.data), static_cast<std::uint8_t*>(flags.data)))
    return ThrowRangeError(env, "step: the state does not begin with the seen and phase of a step");
  return nullptr;
}

template <typename Value>
std::span<const Value> SpanOf(const Array& array) {
  return {static_cast<const Value*>(array.data), array.length};
}

/// new Program(words, weights, target)
void Construct(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info.IsConstructCall()) {
    ThrowTypeError(env, "Program is a class: call it with new");
    return;
  }
  Array words;
  Array weights;
  if (!ReadArray(env, info[0], napi_int32_array, &words) ||
      !ReadArray(env, info[1], napi_float32_array, &weights) || !info[2].IsString()) {
    ThrowTypeError(env, "Program(words, weights, target): Int32Array, Float32Array, string");
    return;
  }
  const std::string name = info[2].As<Napi::String>();
  const Target* target = FindTarget(name);
  if (target == nullptr) {
    ThrowRangeError(env, ("Program: no target " + name + " here").c_str());
    return;
  }
  std::string error;
  std::unique_ptr<Program> program =
      Program::Create(SpanOf<std::int32_t>(words), SpanOf<float>(weights), *target, &error);
  if (program == nullptr) {
    ThrowRangeError(env, error.c_str());
    return;
  }

  const double state_size = static_cast<double>(program->state_size());
  napi_value step;
  if (napi_create_function(env, "step", NAPI_AUTO_LENGTH, Step, program.get(), &step) != napi_ok)
    return;
  // The program lives as long as the function that steps it.
  if (napi_add_finalizer(
          env, step, program.get(),
          [](napi_env, void* data, void*) { delete static_cast<Program*>(data); }, nullptr,
          nullptr) != napi_ok)
    return;
  program.release();
  Napi::Object self = info.This().As<Napi::Object>();
  self.DefineProperties({
      Napi::PropertyDescriptor::Value("target", Napi::String::New(env, target->name),
                                      napi_enumerable),
      Napi::PropertyDescriptor::Value("stateSize", Napi::Number::New(env, state_size),
                                      napi_enumerable),
      Napi::PropertyDescriptor::Value("step", Napi::Value(env, step), napi_enumerable),
  });
}

}  // namespace

Napi::Value SimdTargets(const Napi::CallbackInfo& info) {
  const std::span<const Target* const> targets = SupportedTargets();
  Napi::Array names = Napi::Array::New(info.Env(), targets.size());
  for (std::uint32_t i = 0; i < targets.size(); ++i) names[i] = targets[i]->name;
  return names;
}

Napi::Function ProgramClass(Napi::Env env) {
  napi_value constructor = nullptr;
  napi_define_class(
      env, "Program", NAPI_AUTO_LENGTH,
      [](napi_env raw, napi_callback_info info) -> napi_value {
        Construct(Napi::CallbackInfo(raw, info));
        return nullptr;
      },
      nullptr, 0, nullptr, &constructor);
  return Napi::Function(env, constructor);
}

}  // namespace lstmd::addon
