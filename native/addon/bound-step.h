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
/// once, and at each call only what can change: whether the memory is still there.
///
/// Which part of its ArrayBuffer a typed array is depends on the length of the buffer alone, and
/// the memory of a buffer stays where it is until the buffer is detached or resized. So the arrays
/// are what they were as long as every buffer has the address and the length that it had.
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
  /// @return false, with nothing stepped, when `count` is no whole number up to the room, when an
  ///   array has other memory than it had, or when a state has a header that no step leaves
  bool Step(double count);

 private:
  /// An ArrayBuffer, kept alive, with what it was when it was bound.
  struct Buffer {
    napi_ref reference;
    void* data;
    std::size_t size;
  };

  BoundStep(napi_env env, std::shared_ptr<Program> program, Streams streams, const Arrays& arrays,
            std::size_t room);
  bool WatchBufferOf(napi_value array);
  bool IsWatched(napi_value buffer) const;
  bool HasItsMemory() const;

  napi_env env_;
  std::shared_ptr<Program> program_;
  Streams streams_;
  Arrays arrays_;
  double room_;
  std::array<Buffer, std::tuple_size_v<ArrayValues>> buffers_ = {};
  std::size_t buffer_count_ = 0;
};

}  // namespace lstmd::addon
