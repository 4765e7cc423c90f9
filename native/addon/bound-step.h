// A step bound to its arrays.
#pragma once

#include <node_api.h>

#include <array>
#include <cstddef>
#include <memory>

#include "arrays.h"
#include "run/program.h"

namespace lstmd::addon {

/// A program with the arrays that it steps call after call. Types, lengths and overlaps are checked
/// once. What can change, whether the memory is still there, whoever calls a step asks before:
/// see `NativeStep` in src/platform/addon.ts. Node-API would take a tenth of a step of a small
/// model to tell, V8 tells it in compiled JavaScript for nothing.
class BoundStep {
 public:
  /// Binds `values`, which are `arrays`, once `CheckArrays` has found no fault with `room`.
  /// @return null when Node-API fails
  static std::unique_ptr<BoundStep> Create(napi_env env, std::shared_ptr<Program> program,
                                           Streams streams, const ArrayValues& values,
                                           const Arrays& arrays, std::size_t room);
  ~BoundStep();
  BoundStep(const BoundStep&) = delete;
  BoundStep& operator=(const BoundStep&) = delete;

  /// Steps `count` samples.
  /// @return false, with nothing stepped, when `count` is no whole number up to the room, or when a
  ///   state has a header that no step leaves
  bool Step(double count);

 private:
  BoundStep(napi_env env, std::shared_ptr<Program> program, Streams streams, const Arrays& arrays,
            std::size_t room);
  bool KeepAlive(napi_value array);

  napi_env env_;
  std::shared_ptr<Program> program_;
  Streams streams_;
  Arrays arrays_;
  double room_;
  std::array<napi_ref, std::tuple_size_v<ArrayValues>> kept_ = {};
  std::size_t kept_count_ = 0;
};

}  // namespace lstmd::addon
