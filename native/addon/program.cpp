#include "program.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "arrays.h"
#include "bound-step.h"
#include "run/program.h"
#include "targets/target.h"
#include "weight-arrays.h"

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

/// A call of a function with one parameter: its argument, undefined where it is not given, and the
/// function's own data.
template <typename Data>
struct Call {
  napi_value argument = nullptr;
  Data* data = nullptr;

  bool Read(napi_env env, napi_callback_info info) {
    std::size_t count = 1;
    void* pointer = nullptr;
    if (napi_get_cb_info(env, info, &count, &argument, nullptr, &pointer) != napi_ok) return false;
    data = static_cast<Data*>(pointer);
    return true;
  }
};

/// A function with data of its own, which is deleted when the function is collected. A function
/// that has its data from itself and not from `this` can be called on any `this`.
/// @return null after a failure
template <typename Data>
napi_value CreateFunction(napi_env env, const char* name, napi_callback callback,
                          std::unique_ptr<Data> data) {
  napi_value function = nullptr;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data.get(), &function) !=
          napi_ok ||
      napi_add_finalizer(
          env, function, data.get(),
          [](napi_env, void* pointer, void*) { delete static_cast<Data*>(pointer); }, nullptr,
          nullptr) != napi_ok)
    return nullptr;
  static_cast<void>(data.release());
  return function;
}

/// step(count), see `NativeStep`.
napi_value Step(napi_env env, napi_callback_info info) {
  Call<BoundStep> call;
  double count = 0;
  const bool is_stepped = call.Read(env, info) &&
                          napi_get_value_double(env, call.argument, &count) == napi_ok &&
                          call.data->Step(count);
  napi_value result = nullptr;
  napi_get_boolean(env, is_stepped, &result);
  return result;
}

/// bind(arrays) and bindMany(arrays), see `NativeProgram`.
template <Streams kStreams>
napi_value Bind(napi_env env, napi_callback_info info) {
  Call<std::shared_ptr<Program>> call;
  if (!call.Read(env, info)) return nullptr;
  const std::shared_ptr<Program>& program = *call.data;

  ArrayValues values = {};
  Arrays arrays;
  if (const char* error = ReadArrays(env, call.argument, &values, &arrays))
    return ThrowTypeError(env, error);
  const std::size_t room = RoomOf(*program, arrays, kStreams);
  if (const char* error = CheckArrays(*program, arrays, room, kStreams))
    return ThrowRangeError(env, error);
  std::unique_ptr<BoundStep> step = BoundStep::Create(env, program, kStreams, values, arrays, room);
  if (step == nullptr) return ThrowRangeError(env, "bind: the arrays cannot be kept");
  return CreateFunction(env, "step", Step, std::move(step));
}

/// new Program(words, weights, target, takesWeights), see `Addon`.
void Construct(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info.IsConstructCall()) {
    ThrowTypeError(env, "Program is a class: call it with new");
    return;
  }
  Array words;
  WeightArrays weights;
  // The weights' elements may be getters, so they are read before any memory is looked at.
  if (!info[2].IsString() || !weights.Read(env, info[1]) ||
      !ReadArray(env, info[0], napi_int32_array, &words)) {
    ThrowTypeError(env, "Program(words, weights, target): Int32Array, Float32Array[], string");
    return;
  }
  const bool takes_weights = info[3].ToBoolean();
  const std::string name = info[2].As<Napi::String>();
  const Target* target = FindTarget(name);
  if (target == nullptr) {
    ThrowRangeError(env, ("Program: no target " + name + " here").c_str());
    return;
  }
  std::string fault;
  int operation = -1;
  const std::shared_ptr<Program> program = Program::Create(
      std::span(static_cast<const std::int32_t*>(words.data), words.length), weights.weights(),
      *target, &fault, &operation, takes_weights ? GiveBackPages() : KeepWeights);
  // A part of them may be lost already, so nobody may read the rest.
  if (takes_weights) weights.Detach(env);
  if (program == nullptr) {
    Napi::RangeError error = Napi::RangeError::New(env, fault);
    if (operation >= 0) error.Set("operation", Napi::Number::New(env, operation));
    error.ThrowAsJavaScriptException();
    return;
  }

  const napi_value bind = CreateFunction(env, "bind", Bind<Streams::kOne>,
                                         std::make_unique<std::shared_ptr<Program>>(program));
  const napi_value bind_many = CreateFunction(env, "bindMany", Bind<Streams::kMany>,
                                              std::make_unique<std::shared_ptr<Program>>(program));
  if (bind == nullptr || bind_many == nullptr) return;
  const double state_size = static_cast<double>(program->state_size());
  Napi::Object self = info.This().As<Napi::Object>();
  self.DefineProperties({
      Napi::PropertyDescriptor::Value("target", Napi::String::New(env, target->name),
                                      napi_enumerable),
      Napi::PropertyDescriptor::Value("stateSize", Napi::Number::New(env, state_size),
                                      napi_enumerable),
      Napi::PropertyDescriptor::Value("bind", Napi::Value(env, bind), napi_enumerable),
      Napi::PropertyDescriptor::Value("bindMany", Napi::Value(env, bind_many), napi_enumerable),
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
