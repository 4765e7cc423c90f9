// The constants of an encoded program. The format is described in
// src/engine/native/program-encoding.ts.
#pragma once

#include <cstdint>

namespace lstmd {

inline constexpr std::int32_t kMagic = 0x4c53544d;
inline constexpr std::int32_t kVersion = 3;
/// A tensor, a value or an offset that is not there.
inline constexpr std::int32_t kNone = -1;

enum class Mode : std::int32_t { kContinuous = 0, kSequence = 1, kSliding = 2 };

/// How large matrices are kept; what is computed is float32.
enum class WeightFormat : std::int32_t { kFloat32 = 0, kBfloat16, kInt8 };

enum class OpCode : std::int32_t {
  kLstm = 1,
  kDense,
  kActivation,
  kTimeDense,
  kGru,
  kSimpleRnn,
  kAffine,
  kPrelu,
  kLayerNorm,
  kMask,
  kMerge,
  kConcatenate,
  kConv,
  kPool,
  kGlobalPool,
  kSkip,
};

/// Operations on whole windows.
enum class WindowOpCode : std::int32_t {
  kScan = 32,
  kPad,
  kCrop,
  kRepeat,
  kReshape,
  kTranspose,
};

enum class MergeCode : std::int32_t {
  kAdd = 0,
  kSubtract,
  kMultiply,
  kAverage,
  kMaximum,
  kMinimum,
};

enum class PoolCode : std::int32_t { kMaximum = 0, kAverage };

enum class ActivationCode : std::int32_t {
  kLinear = 0,
  kSigmoid,
  kTanh,
  kSoftmax,
  kSoftplus,
  kSoftsign,
  kExponential,
  kSelu,
  kSilu,
  kGelu,
  kGeluTanh,
  kElu,
  kRelu,
  kHardSigmoid,
  kLogSoftmax,
  kSparsemax,
  kMish,
  kLogSigmoid,
  kTanhShrink,
  kHardTanh,
  kHardSilu,
  kCelu,
  kHardShrink,
  kSoftShrink,
  kSparsePlus,
  kSquareplus,
  kThreshold,
};
inline constexpr std::int32_t kActivationCodes = 27;

/// Bits of a sample's flag byte: `StepFlag` in src/engine/program/engine.ts.
enum StepFlag : std::uint8_t {
  kFlagOutput = 1,
  kFlagWarm = 2,
  kFlagRefused = 4,
  kFlagReset = 8,
};

/// The state's layout and limits: src/engine/program/program.ts.
inline constexpr std::int32_t kStateHeaderSize = 2;
inline constexpr std::int32_t kSeenLimit = (1 << 24) - 1;
inline constexpr float kStateLimit = 16777216.0f;

}  // namespace lstmd
