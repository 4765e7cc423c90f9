// The weights of a program, as JavaScript gives them.
#pragma once

#include <node_api.h>

#include <span>
#include <vector>

#include "format/weights.h"
#include "pack/spent.h"

namespace lstmd::addon {

/// An array of Float32Arrays.
class WeightArrays {
 public:
  /// @return false when `value` is anything else
  bool Read(napi_env env, napi_value value);

  /// The weights of all arrays. They lie in the arrays' memory.
  Weights weights() const { return Weights(parts_); }

  /// Takes the memory of the large arrays away, which have a length of 0 afterwards: no smaller one
  /// was given back in part, and others read some of them, such as a normalisation's.
  void Detach(napi_env env) const;

 private:
  std::vector<napi_value> values_;
  std::vector<std::span<const float>> parts_;
};

/// Gives the memory of weights back to the system once they are spent, which are zeros from then
/// on.
Spent GiveBackPages();

}  // namespace lstmd::addon
