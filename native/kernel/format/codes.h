// The codes of encoded programs: written by scripts/write-codes.mjs from src/engine/, not by hand.
// docs/formats/program-words.md describes the format.
// clang-format off
#pragma once

#include <cstdint>

namespace lstmd {

inline constexpr std::int32_t kMagic = 0x4c53544d;
inline constexpr std::int32_t kVersion = 5;
/// A tensor, a value or an offset that is not there.
inline constexpr std::int32_t kNone = -1;

enum class Mode : std::int32_t {
  kContinuous = 0,
  kSequence = 1,
  kSliding = 2,
};

/// How large matrices are kept; what is computed is float32.
enum class WeightFormat : std::int32_t {
  kFloat32 = 0,
  kBfloat16 = 1,
  kInt8 = 2,
};

enum class OpCode : std::int32_t {
  kLstm = 1,
  kDense = 2,
  kActivation = 3,
  kTimeDense = 4,
  kGru = 5,
  kSimpleRnn = 6,
  kAffine = 7,
  kPrelu = 8,
  kLayerNorm = 9,
  kMask = 10,
  kMerge = 11,
  kConcatenate = 12,
  kConv = 13,
  kPool = 14,
  kGlobalPool = 15,
  kSkip = 16,
  kGather = 17,
  kReduce = 18,
  kMatMul = 19,
  kBegin = 20,
  kRecall = 21,
  kKeep = 22,
};

inline constexpr std::int32_t kMaxOpCode = 22;

/// `X(Name)` for each step operation, in the order of the codes.
#define LSTMD_STEP_OPERATIONS(X) \
  X(Lstm) \
  X(Dense) \
  X(Activation) \
  X(TimeDense) \
  X(Gru) \
  X(SimpleRnn) \
  X(Affine) \
  X(Prelu) \
  X(LayerNorm) \
  X(Mask) \
  X(Merge) \
  X(Concatenate) \
  X(Conv) \
  X(Pool) \
  X(GlobalPool) \
  X(Skip) \
  X(Gather) \
  X(Reduce) \
  X(MatMul) \
  X(Begin) \
  X(Recall) \
  X(Keep)

/// Operations over whole windows.
enum class WindowOpCode : std::int32_t {
  kScan = 32,
  kPad = 33,
  kCrop = 34,
  kRepeat = 35,
  kReshape = 36,
  kTranspose = 37,
};

enum class MergeCode : std::int32_t {
  kAdd = 0,
  kSubtract = 1,
  kMultiply = 2,
  kAverage = 3,
  kMaximum = 4,
  kMinimum = 5,
  kDivide = 6,
};

enum class PoolCode : std::int32_t {
  kMaximum = 0,
  kAverage = 1,
};

enum class ReduceCode : std::int32_t {
  kSum = 0,
  kMean = 1,
  kMaximum = 2,
  kMinimum = 3,
};

enum class ActivationCode : std::int32_t {
  kLinear = 0,
  kSigmoid = 1,
  kTanh = 2,
  kSoftmax = 3,
  kSoftplus = 4,
  kSoftsign = 5,
  kExponential = 6,
  kSelu = 7,
  kSilu = 8,
  kGelu = 9,
  kGeluTanh = 10,
  kElu = 11,
  kRelu = 12,
  kHardSigmoid = 13,
  kLogSoftmax = 14,
  kSparsemax = 15,
  kMish = 16,
  kLogSigmoid = 17,
  kTanhShrink = 18,
  kHardTanh = 19,
  kHardSilu = 20,
  kCelu = 21,
  kHardShrink = 22,
  kSoftShrink = 23,
  kSparsePlus = 24,
  kSquareplus = 25,
  kAbsolute = 26,
  kSquare = 27,
  kSquareRoot = 28,
  kReciprocal = 29,
  kLog = 30,
  kLog1p = 31,
  kExpm1 = 32,
  kSine = 33,
  kCosine = 34,
  kSign = 35,
  kPower = 36,
  kClip = 37,
  kAffine = 38,
  kScaledTanh = 39,
  kErf = 40,
};

inline constexpr std::int32_t kActivationCodes = 41;
/// How many parameters each activation has.
inline constexpr int kActivationParameters[kActivationCodes] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 2, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 0};

/// Bits of a sample's flag byte.
enum StepFlag : std::uint8_t {
  kFlagOutput = 1,
  kFlagWarm = 2,
  kFlagRefused = 4,
  kFlagReset = 8,
};

/// The state's layout and limits.
inline constexpr std::int32_t kStateHeaderSize = 2;
inline constexpr std::int32_t kSeenLimit = 16777215;
inline constexpr float kStateLimit = 16777216.0f;

}  // namespace lstmd
