#pragma once

#include <node_api.h>

#include <array>
#include <cstddef>

#include "arrays.h"

namespace lstmd::addon {

/// Arrays that are stepped call after call: types, lengths and overlaps are checked once, and at
/// each call only what can change, their memory.
///
/// Which part of its ArrayBuffer a typed array is follows from the buffer's length alone, and the
/// memory of a buffer stays where it is until it is taken away from it, which leaves none. So the
/// arrays are what they were as long as every buffer has the memory and the length that it had.
class Binding {
 public:
  explicit Binding(napi_env env) : env_(env) {}
  ~Binding() { Release(); }
  Binding(const Binding&) = delete;
  Binding& operator=(const Binding&) = delete;

  /// Binds `values`, which are `arrays`, in place of what was bound before.
  /// @param room samples that they fit
  /// @return false, with nothing bound, when Node-API refuses
  bool Bind(const ArrayValues& values, const Arrays& arrays, std::size_t room);
  void Release();

  /// Whether something is bound and still what it was, and fits so many samples.
  bool Fits(double count) const;
  const Arrays& arrays() const { return arrays_; }

 private:
  struct Buffer {
    napi_ref reference;
    void* data;
    std::size_t size;
  };

  bool Watch(napi_value buffer);
  bool IsWatched(napi_value buffer) const;

  napi_env env_;
  Arrays arrays_ = {};
  double room_ = -1;
  std::array<Buffer, 4> buffers_ = {};
  std::size_t buffer_count_ = 0;
};

}  // namespace lstmd::addon
