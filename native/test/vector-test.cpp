// Each function that simd/vector.h declares, on one target: compiled once for each, with the flags
// of its unit, LSTMD_VECTOR_HEADER and LSTMD_TARGET, the target's name. Like a target's unit it
// keeps the C++ standard library out of what the target's instructions may be in.
#include "vector-test.h"

#include LSTMD_VECTOR_HEADER

#include <float.h>
#include <stdio.h>
#include <stdlib.h>

#include "simd/math-inl.h"

namespace lstmd {
namespace {

constexpr float kNan = __builtin_nanf("");
constexpr float kInfinity = __builtin_inff();
constexpr float kDenormal = 1e-41f;
/// Elements of buffers: two vectors, so that there is memory beside the one that counts.
constexpr int kSize = 2 * kWidth;

const float kSpecial[] = {0.0f,   -0.0f,      1.0f,      -1.0f,      0.5f, -2.5f,
                          3e38f,  -3e38f,     kInfinity, -kInfinity, kNan, kDenormal,
                          1e-38f, -kDenormal, 7.0f,      100.0f};
constexpr int kSpecials = sizeof kSpecial / sizeof *kSpecial;

#define VERIFY(condition, ...)                                                          \
  do {                                                                                  \
    if (!(condition)) {                                                                 \
      fprintf(stderr, "%s:%d: %s: %s: ", __FILE__, __LINE__, LSTMD_TARGET, #condition); \
      fprintf(stderr, __VA_ARGS__);                                                     \
      fprintf(stderr, "\n");                                                            \
      exit(1);                                                                          \
    }                                                                                   \
  } while (false)

bool IsNan(float a) { return a != a; }

/// Bit for bit, but any NaN is any other.
bool IsSame(float a, float b) { return (IsNan(a) && IsNan(b)) || memcmp(&a, &b, sizeof a) == 0; }

struct alignas(64) Buffer {
  float floats[kSize];

  explicit Buffer(float value = 0) {
    for (float& a : floats) a = value;
  }
};

/// Another special number for each element.
Vector Specials(int first) {
  Buffer buffer;
  for (int i = 0; i < kWidth; ++i) buffer.floats[i] = kSpecial[(first + i) % kSpecials];
  return Load(buffer.floats);
}

/// Compares each element of `found` with `expected(i)`.
template <typename Expected>
void Check(const char* what, Vector found, Expected expected) {
  Buffer buffer;
  Store(buffer.floats, found);
  for (int i = 0; i < kWidth; ++i)
    VERIFY(IsSame(buffer.floats[i], expected(i)), "%s: element %d is %.9g, not %.9g", what, i,
           static_cast<double>(buffer.floats[i]), static_cast<double>(expected(i)));
}

void TestLoadsAndStores() {
  Buffer from;
  for (int i = 0; i < kSize; ++i) from.floats[i] = static_cast<float>(i + 1);
  Check("Set", Set(-2.5f), [](int) { return -2.5f; });
  Check("Load", Load(from.floats), [](int i) { return static_cast<float>(i + 1); });
  Check("LoadWeights", LoadWeights(from.floats), [](int i) { return static_cast<float>(i + 1); });
  for (int first = 0; first <= kWidth; ++first)
    Check("LoadUnaligned", LoadUnaligned(from.floats + first),
          [first](int i) { return static_cast<float>(first + i + 1); });
  Vector kept = Load(from.floats);
  KeepInRegister(kept);
  Check("KeepInRegister", kept, [](int i) { return static_cast<float>(i + 1); });
  for (int first = 0; first <= kWidth; ++first) {
    Buffer to(9);
    StoreUnaligned(to.floats + first, Load(from.floats));
    for (int i = 0; i < kSize; ++i) {
      const bool is_stored = i >= first && i < first + kWidth;
      VERIFY(to.floats[i] == (is_stored ? static_cast<float>(i - first + 1) : 9),
             "StoreUnaligned at %d: element %d", first, i);
    }
  }
}

/// The floats end where the memory does, so that AddressSanitizer sees an access beyond them.
void TestTails() {
  for (int count = 1; count < kWidth; ++count) {
    const size_t bytes = static_cast<size_t>(count) * sizeof(float);
    float* const floats = static_cast<float*>(malloc(bytes));
    for (int i = 0; i < count; ++i) floats[i] = static_cast<float>(i + 1);
    Check("LoadFirst", LoadFirst(floats, count),
          [count](int i) { return i < count ? static_cast<float>(i + 1) : 0; });
    StoreFirst(floats, Set(-3), count);
    for (int i = 0; i < count; ++i) VERIFY(floats[i] == -3, "StoreFirst %d: %d", count, i);
    free(floats);
    Buffer to(9);
    StoreFirst(to.floats, Set(-3), count);
    for (int i = 0; i < kSize; ++i)
      VERIFY(to.floats[i] == (i < count ? -3 : 9), "StoreFirst %d: element %d", count, i);
  }
  for (int count = 0; count <= kWidth; ++count)
    Check("SelectFirst", SelectFirst(Specials(3), Specials(0), count),
          [count](int i) { return kSpecial[(i < count ? i : 3 + i) % kSpecials]; });
}

void TestSmallWeights() {
  struct alignas(64) {
    Bfloat16 pairs[2 * kWidth];
    Int8 bytes[kSize + 1];
  } from;
  // 1 + n / 128 and its negative: every bit of the mantissa counts.
  for (int i = 0; i < 2 * kWidth; ++i)
    from.pairs[i].bits = static_cast<std::uint16_t>((i % 2 == 0 ? 0x3f80 : 0xbf80) + i);
  const auto expected = [](int i) {
    return (i % 2 == 0 ? 1.0f : -1.0f) * (1.0f + static_cast<float>(i) / 128);
  };
  Check("LoadWeights of bfloat16", LoadWeights(from.pairs),
        [expected](int i) { return expected(2 * i); });
  // With vectors of one float, the second of a pair is the next number and not in the same vector.
  Check("LoadSecondOfPairs", LoadSecondOfPairs(from.pairs),
        [expected](int i) { return expected(2 * i + 1); });
  for (int i = 0; i < kSize + 1; ++i)
    from.bytes[i].value = static_cast<std::int8_t>(i % 2 == 0 ? 127 - i : i - 127);
  for (int first = 0; first <= kWidth; ++first)
    Check("LoadWeights of int8", LoadWeights(from.bytes + first), [first](int i) {
      const int at = first + i;
      return static_cast<float>(at % 2 == 0 ? 127 - at : at - 127);
    });
}

void TestArithmetic() {
  Check("MultiplyAdd", MultiplyAdd(Set(2), Set(3), Set(4)), [](int) { return 10.0f; });
  for (int first = 0; first < kSpecials; ++first) {
    for (int second = 0; second < kSpecials; ++second) {
      const Vector a = Specials(first);
      const Vector b = Specials(second);
      const auto at = [first](int i) { return kSpecial[(first + i) % kSpecials]; };
      const auto bt = [second](int i) { return kSpecial[(second + i) % kSpecials]; };
      Check("Add", Add(a, b), [&](int i) { return at(i) + bt(i); });
      Check("Subtract", Subtract(a, b), [&](int i) { return at(i) - bt(i); });
      Check("Multiply", Multiply(a, b), [&](int i) { return at(i) * bt(i); });
      Check("Divide", Divide(a, b), [&](int i) { return at(i) / bt(i); });
      // The factor is 1, because a target may round the product or not: it must be exact.
      Check("MultiplyAdd", MultiplyAdd(a, Set(1), b), [&](int i) { return at(i) + bt(i); });
      Check("Abs", Abs(a), [&](int i) { return __builtin_fabsf(at(i)); });
      Check("SelectAtLeast", SelectAtLeast(a, b, Specials(5), Specials(9)),
            [&](int i) { return kSpecial[(at(i) >= bt(i) ? 5 + i : 9 + i) % kSpecials]; });
    }
  }
}

/// Limits of zero are left out: a target may give 0 or -0 where one is the limit of the other.
void TestLimits() {
  const float limits[] = {1.0f, -2.5f, kInfinity, -kInfinity, 3e38f, 1e-38f};
  for (int first = 0; first < kSpecials; ++first) {
    for (const float limit : limits) {
      const Vector a = Specials(first);
      const auto at = [first](int i) { return kSpecial[(first + i) % kSpecials]; };
      Check("Min", Min(Set(limit), a), [&](int i) { return at(i) > limit ? limit : at(i); });
      Check("Max", Max(Set(limit), a), [&](int i) { return at(i) < limit ? limit : at(i); });
    }
    Check("Max of NaN and NaN", Max(Set(kNan), Set(kNan)), [](int) { return kNan; });
  }
}

void TestMasks() {
  const float larger[] = {1.5f, kInfinity, kNan};
  Buffer buffer(1);
  VERIFY(AllTrue(AtMost(Load(buffer.floats), Set(1))), "all are at most 1");
  VERIFY(!AllTrue(AtMost(Set(0), Set(kNan))), "a limit of NaN");
  for (int i = 0; i < kWidth; ++i) {
    for (const float large : larger) {
      buffer.floats[i] = large;
      const VectorMask mask = AtMost(Load(buffer.floats), Set(1));
      VERIFY(!AllTrue(mask), "element %d is %g", i, static_cast<double>(large));
      VERIFY(!AllTrue(And(mask, AtMost(Set(0), Set(1)))), "And with true: element %d", i);
      VERIFY(!AllTrue(And(AtMost(Set(0), Set(1)), mask)), "true And: element %d", i);
      buffer.floats[i] = 1;
    }
  }
  VERIFY(AllTrue(And(AtMost(Set(0), Set(1)), AtMost(Set(1), Set(1)))), "And of true and true");
}

void TestSum() {
  Buffer buffer;
  float expected = 0;
  for (int i = 0; i < kWidth; ++i) {
    buffer.floats[i] = static_cast<float>(1 << i);
    expected += buffer.floats[i];
  }
  const float sum = Sum(Load(buffer.floats));
  VERIFY(sum == expected, "%.9g, not %.9g", static_cast<double>(sum),
         static_cast<double>(expected));
  for (int i = 0; i < kWidth; ++i) {
    Buffer one(1);
    one.floats[i] = kNan;
    VERIFY(IsNan(Sum(Load(one.floats))), "NaN in element %d", i);
  }
}

void TestExp2() {
  for (int hundredths = -4500; hundredths <= 4500; ++hundredths) {
    const double x = hundredths / 100.0;
    Buffer buffer;
    Store(buffer.floats, Exp2(2, Set(static_cast<float>(x / 2))));
    const double held = x > 40 ? 40 : x;
    const double expected = __builtin_exp2(2 * static_cast<double>(static_cast<float>(held / 2)));
    if (x < -40) {
      VERIFY(buffer.floats[0] >= 0 && buffer.floats[0] <= 0x1p-39f, "2^%g", x);
      continue;
    }
    for (int i = 0; i < kWidth; ++i) {
      const double error = static_cast<double>(buffer.floats[i]) / expected - 1;
      VERIFY(__builtin_fabs(error) < 5e-7, "2^%g is %.9g, not %.9g", x,
             static_cast<double>(buffer.floats[i]), expected);
    }
  }
  Check("Exp2 of NaN", Exp2(-1, Set(kNan)), [](int) { return kNan; });
  Check("Exp2 of 0", Exp2(-1, Set(0)), [](int) { return 1.0f; });
  Buffer buffer;
  Store(buffer.floats, Exp2(1, Set(kInfinity)));
  VERIFY(buffer.floats[0] >= 0x1p39f && buffer.floats[0] < FLT_MAX, "2^infinity");
  Store(buffer.floats, Exp2(1, Set(-kInfinity)));
  VERIFY(buffer.floats[0] >= 0 && buffer.floats[0] <= 0x1p-39f, "2^-infinity");
}

void TestVector() {
  static_assert(kWidth > 0 && (kWidth & (kWidth - 1)) == 0 && kWidth <= 16);
  static_assert(kTileSums == 4 || kTileSums == 8);
  TestLoadsAndStores();
  TestTails();
  TestSmallWeights();
  TestArithmetic();
  TestLimits();
  TestMasks();
  TestSum();
  TestExp2();
}

}  // namespace

const test::VectorTest test::LSTMD_VECTOR_TEST = {LSTMD_TARGET, TestVector};

}  // namespace lstmd
