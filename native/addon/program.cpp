#include "run/program.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "arrays.h"
#include "binding.h"
#include "program-class.h"

namespace lstmd::addon {
namespace {

napi_value ThrowTypeError(napi_env env, const char* message) {
  napi_throw_type_error(env, nullptr, message);
  return nullptr;
}

napi_value ThrowRangeError(napi_env env, const char* message) {
  napi_throw_range_error(env, nullptr, message);
  return nullptr;
}

/// What the methods of one object share. They have it from themselves and not from `this`, so there
/// is no wrong `this` to guard against, and nothing to unwrap.
struct Compiled {
  std::unique_ptr<Program> program;
  Binding binding;

  Compiled(napi_env env, std::unique_ptr<Program> compiled)
      : program(std::move(compiled)), binding(env) {}
};

/// The arguments of a call, undefined where there are too few, and the object's `Compiled`.
template <std::size_t kCount>
struct Call {
  std::array<napi_value, kCount> arguments = {};
  Compiled* compiled = nullptr;

  bool Read(napi_env env, napi_callback_info info) {
    std::size_t count = kCount;
    void* data = nullptr;
    if (napi_get_cb_info(env, info, &count, arguments.data(), nullptr, &data) != napi_ok)
      return false;
    compiled = static_cast<Compiled*>(data);
    return true;
  }
};

/// step(state, input, count, output, flags), and stepMany of the same
template <Way kWay>
napi_value Step(napi_env env, napi_callback_info info) {
  Call<5> call;
  if (!call.Read(env, info)) return nullptr;
  const auto& [state, input, count_value, output, flags] = call.arguments;
  Program& program = *call.compiled->program;

  Arrays arrays;
  double count = 0;
  if (const char* error = ReadArrays(env, {state, input, output, flags}, &arrays))
    return ThrowTypeError(env, error);
  if (napi_get_value_double(env, count_value, &count) != napi_ok)
    return ThrowTypeError(env, "step: count must be a number");
  if (const char* error = Misfit(program, arrays, count, kWay)) return ThrowRangeError(env, error);
  if (!StepArrays(program, arrays, static_cast<std::size_t>(count), kWay))
    return ThrowRangeError(env, "step: the state does not begin with the seen and phase of a step");
  return nullptr;
}

napi_value False(napi_env env) {
  napi_value value = nullptr;
  napi_get_boolean(env, false, &value);
  return value;
}

/// bind(state, input, output, flags)
napi_value Bind(napi_env env, napi_callback_info info) {
  Call<4> call;
  if (!call.Read(env, info)) return nullptr;
  auto& [program, binding] = *call.compiled;
  binding.Release();

  Arrays arrays;
  if (const char* error = ReadArrays(env, call.arguments, &arrays))
    return ThrowTypeError(env, error);
  const std::size_t room = std::min({arrays.flags.length, arrays.input.length / program->features(),
                                     arrays.output.length / program->output_size()});
  if (Misfit(*program, arrays, static_cast<double>(room)) != nullptr ||
      !binding.Bind(call.arguments, arrays, room))
    return False(env);
  return nullptr;
}

/// stepBound(count)
napi_value StepBound(napi_env env, napi_callback_info info) {
  Call<1> call;
  if (!call.Read(env, info)) return nullptr;
  auto& [program, binding] = *call.compiled;
  double count = 0;
  if (napi_get_value_double(env, call.arguments[0], &count) != napi_ok || !binding.Fits(count) ||
      !StepArrays(*program, binding.arrays(), static_cast<std::size_t>(count)))
    return False(env);
  return nullptr;
}

/// A function that keeps `compiled` as long as it lives itself; null after a failure.
napi_value Method(napi_env env, const char* name, napi_callback callback,
                  const std::shared_ptr<Compiled>& compiled) {
  napi_value method = nullptr;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, compiled.get(), &method) !=
      napi_ok)
    return nullptr;
  auto share = std::make_unique<std::shared_ptr<Compiled>>(compiled);
  if (napi_add_finalizer(
          env, method, share.get(),
          [](napi_env, void* data, void*) { delete static_cast<std::shared_ptr<Compiled>*>(data); },
          nullptr, nullptr) != napi_ok)
    return nullptr;
  static_cast<void>(share.release());
  return method;
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
  const auto compiled = std::make_shared<Compiled>(env, std::move(program));
  const napi_value step = Method(env, "step", Step<Way::kBlock>, compiled);
  const napi_value step_many = Method(env, "stepMany", Step<Way::kMany>, compiled);
  const napi_value bind = Method(env, "bind", Bind, compiled);
  const napi_value step_bound = Method(env, "stepBound", StepBound, compiled);
  if (step == nullptr || step_many == nullptr || bind == nullptr || step_bound == nullptr) return;
  Napi::Object self = info.This().As<Napi::Object>();
  self.DefineProperties({
      Napi::PropertyDescriptor::Value("target", Napi::String::New(env, target->name),
                                      napi_enumerable),
      Napi::PropertyDescriptor::Value("stateSize", Napi::Number::New(env, state_size),
                                      napi_enumerable),
      Napi::PropertyDescriptor::Value("step", Napi::Value(env, step), napi_enumerable),
      Napi::PropertyDescriptor::Value("stepMany", Napi::Value(env, step_many), napi_enumerable),
      Napi::PropertyDescriptor::Value("bind", Napi::Value(env, bind), napi_enumerable),
      Napi::PropertyDescriptor::Value("stepBound", Napi::Value(env, step_bound), napi_enumerable),
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
