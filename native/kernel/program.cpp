#include "program.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include "window.h"

#ifdef LSTMD_X86_64
#include <immintrin.h>
#endif

namespace lstmd {
namespace {

/// Makes the CPU take denormals as zeros, which are several times faster, while it lives.
class DenormalsAreZero {
 public:
#if defined(LSTMD_X86_64)
  DenormalsAreZero() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | 0x8040); }
  ~DenormalsAreZero() { _mm_setcsr(saved_); }
#elif defined(LSTMD_AARCH64)
  DenormalsAreZero() {
    asm volatile("mrs %0, fpcr" : "=r"(saved_));
    asm volatile("msr fpcr, %0" : : "r"(saved_ | (std::uint64_t{1} << 24)));
  }
  ~DenormalsAreZero() { asm volatile("msr fpcr, %0" : : "r"(saved_)); }
#else
  DenormalsAreZero() {}
  ~DenormalsAreZero() {}
#endif
  DenormalsAreZero(const DenormalsAreZero&) = delete;
  DenormalsAreZero& operator=(const DenormalsAreZero&) = delete;

 private:
#if defined(LSTMD_X86_64)
  unsigned saved_;
#elif defined(LSTMD_AARCH64)
  std::uint64_t saved_;
#endif
};

/// A header field as an integer, or -1 where it is none from 0 to `most`.
int HeaderField(float value, int most) {
  // Also false for NaN, before the conversion that it would make undefined.
  if (!(value >= 0 && value <= static_cast<float>(most))) return -1;
  const int integer = static_cast<int>(value);
  return static_cast<float>(integer) == value ? integer : -1;
}

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

bool AllFinite(const float* values, std::size_t count) {
  return std::all_of(values, values + count, [](float value) { return std::isfinite(value); });
}

}  // namespace

std::unique_ptr<Program> Program::Create(std::span<const std::int32_t> words,
                                         std::span<const float> weights, const Target& target,
                                         std::string* error) {
  std::unique_ptr<Program> program(new (std::nothrow) Program(target));
  if (program == nullptr) {
    *error = "program needs more memory than there is";
    return nullptr;
  }
  *error = Parse(words, weights, &program->spec_);
  if (error->empty()) *error = Pack(program->spec_, target.width, &program->packed_);
  if (!error->empty()) return nullptr;
  return program;
}

bool Program::Step(float* state, const float* input, std::size_t count, float* output,
                   std::uint8_t* flags) noexcept {
  seen_ = HeaderField(state[0], kSeenLimit);
  phase_ = HeaderField(state[1], spec_.period() - 1);
  if (seen_ < 0 || phase_ < 0) return false;
  const DenormalsAreZero denormals_are_zero;
  for (std::size_t i = 0; i < count; ++i) {
    float* const row = output + i * output_size();
    flags[i] = StepSample(state, input + i * features(), row);
    if ((flags[i] & kFlagOutput) == 0) std::fill_n(row, output_size(), 0.0f);
  }
  state[0] = static_cast<float>(seen_);
  state[1] = static_cast<float>(phase_);
  return true;
}

std::uint8_t Program::StepSample(float* state, const float* input, float* output) {
  if (!AllFinite(input, features())) return kFlagRefused;
  seen_ = std::min(seen_ + 1, kSeenLimit);
  is_sound_ = true;
  float* const lane = state + kStateHeaderSize;
  const bool has_output =
      spec_.whole_window ? StepWindow(lane, input, output) : StepLanes(lane, input, output);
  if (!is_sound_ || (has_output && !AllFinite(output, output_size()))) {
    std::fill_n(state, state_size(), 0.0f);
    seen_ = 0;
    phase_ = 0;
    return kFlagReset;
  }
  const bool is_warm =
      spec_.mode == Mode::kSequence ? phase_ == spec_.window - 1 : seen_ >= spec_.warmup_samples;
  phase_ = phase_ + 1 == spec_.period() ? 0 : phase_ + 1;
  if (!has_output) return 0;
  return is_warm ? kFlagOutput | kFlagWarm : kFlagOutput;
}

bool Program::StepLanes(float* lane, const float* input, float* output) {
  std::copy_n(input, features(), packed_.values[0]);
  const int period = spec_.period();
  const std::size_t lane_size = Index(spec_.lane_state_size);
  bool has_output = false;
  for (int i = 0; i < spec_.lanes; ++i, lane += lane_size) {
    int age = phase_ - i * spec_.stride;
    if (age < 0) age += period;
    if (age >= spec_.window) continue;
    if (age == 0 && spec_.mode != Mode::kContinuous) std::fill_n(lane, lane_size, 0.0f);
    is_sound_ = target_.step_lane(packed_.packed, lane) && is_sound_;
    const bool is_last = spec_.mode != Mode::kContinuous && age == spec_.window - 1;
    // At most one lane of a sliding window is at its last step: no two are of the same age.
    if (spec_.mode == Mode::kSliding && !(is_last && seen_ >= spec_.window)) continue;
    has_output = CopyOutputs(lane, is_last, output);
  }
  return has_output;
}

bool Program::StepWindow(float* lane, const float* input, float* output) {
  const std::size_t size = Index(spec_.window) * features();
  std::copy(lane + features(), lane + size, lane);
  std::copy_n(input, features(), lane + size - features());
  is_sound_ = AllFinite(lane, size);
  const bool is_due = seen_ >= spec_.window && phase_ == (spec_.window - 1) % spec_.stride;
  if (!is_due || !is_sound_) return false;
  std::copy_n(lane, size, packed_.windows[0]);
  if (!RunWindow(spec_, packed_, target_)) return false;
  for (const OutputSpec& result : spec_.outputs) {
    const ValueSpec& value = spec_.values[Index(result.value)];
    const float* const last =
        packed_.windows[Index(result.value)] + Index(value.steps - 1) * Index(value.size);
    output = std::copy_n(last, value.size, output);
  }
  return true;
}

/// False where an output has no row: neither a fresh one nor, at a window's last step, one held.
bool Program::CopyOutputs(const float* lane, bool is_last, float* output) const {
  for (const OutputSpec& result : spec_.outputs) {
    const float* row = nullptr;
    if (packed_.fresh[Index(result.value)]) {
      row = packed_.values[Index(result.value)];
    } else if (is_last && result.held_offset != kNone && lane[result.holds_offset] == 1) {
      row = lane + result.held_offset;
    }
    if (row == nullptr) return false;
    output = std::copy_n(row, spec_.values[Index(result.value)].size, output);
  }
  return true;
}

}  // namespace lstmd
