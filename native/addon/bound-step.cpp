#include "bound-step.h"

#include <algorithm>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

namespace lstmd::addon {

std::unique_ptr<BoundStep> BoundStep::Create(napi_env env, std::shared_ptr<Program> program,
                                             Streams streams, const ArrayValues& values,
                                             const Arrays& arrays, std::size_t room) {
  std::unique_ptr<BoundStep> step(new (std::nothrow)
                                      BoundStep(env, std::move(program), streams, arrays, room));
  if (step == nullptr) return nullptr;
  const bool are_kept = std::all_of(values.begin(), values.end(),
                                    [&step](napi_value array) { return step->KeepAlive(array); });
  return are_kept ? std::move(step) : nullptr;
}

BoundStep::BoundStep(napi_env env, std::shared_ptr<Program> program, Streams streams,
                     const Arrays& arrays, std::size_t room)
    : env_(env),
      program_(std::move(program)),
      streams_(streams),
      arrays_(arrays),
      room_(static_cast<double>(room)) {}

BoundStep::~BoundStep() {
  for (const napi_ref kept : std::span(kept_).first(kept_count_)) napi_delete_reference(env_, kept);
}

bool BoundStep::Step(double count) {
  // The bounds come first: the conversion of NaN, or of a number too large, would be undefined.
  if (!(count >= 0 && count <= room_)) return false;
  const std::size_t samples = static_cast<std::size_t>(count);
  if (static_cast<double>(samples) != count) return false;
  float* const state = static_cast<float*>(arrays_.state.data);
  const float* const input = static_cast<const float*>(arrays_.input.data);
  float* const output = static_cast<float*>(arrays_.output.data);
  std::uint8_t* const flags = static_cast<std::uint8_t*>(arrays_.flags.data);
  return streams_ == Streams::kMany ? program_->StepMany(state, input, samples, output, flags)
                                    : program_->Step(state, input, samples, output, flags);
}

bool BoundStep::KeepAlive(napi_value array) {
  if (napi_create_reference(env_, array, 1, &kept_[kept_count_]) != napi_ok) return false;
  ++kept_count_;
  return true;
}

}  // namespace lstmd::addon
