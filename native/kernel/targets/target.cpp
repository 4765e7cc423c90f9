#include "targets/target.h"

#include <array>

namespace lstmd {

// Each is defined by the unit of its target.
extern const StepFunctions kAvx512Steps;
extern const StepFunctions kAvx2Steps;
extern const StepFunctions kSse2Steps;
extern const StepFunctions kNeonSteps;
extern const StepFunctions kScalarSteps;

namespace {

constexpr std::array kTargets = {
#ifdef LSTMD_X86_64
    Target{"avx512", 16,
           [] {
             return static_cast<bool>(__builtin_cpu_supports("avx512f")) &&
                    static_cast<bool>(__builtin_cpu_supports("avx512dq"));
           },
           &kAvx512Steps},
    Target{"avx2", 8,
           [] {
             return static_cast<bool>(__builtin_cpu_supports("avx2")) &&
                    static_cast<bool>(__builtin_cpu_supports("fma"));
           },
           &kAvx2Steps},
    Target{"sse2", 4, [] { return true; }, &kSse2Steps},
#endif
#ifdef LSTMD_AARCH64
    Target{"neon", 4, [] { return true; }, &kNeonSteps},
#endif
    Target{"scalar", 1, [] { return true; }, &kScalarSteps},
};

struct Supported {
  std::array<const Target*, kTargets.size()> targets = {};
  std::size_t count = 0;

  Supported() {
    for (const Target& target : kTargets)
      if (target.is_supported()) targets[count++] = &target;
  }
};

}  // namespace

std::span<const Target* const> SupportedTargets() {
  static const Supported supported;
  return {supported.targets.data(), supported.count};
}

const Target* FindTarget(std::string_view name) {
  for (const Target* target : SupportedTargets())
    if (target->name == name) return target;
  return nullptr;
}

}  // namespace lstmd
