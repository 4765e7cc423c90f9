// Vectors and the functions of them. Included by step-inl.h.

/// 2^r = 1 + r (c1 + ...), degree 6; degree 5 drifts on whole models.
struct Exp2Coefficients {
  float c1, c2, c3, c4, c5, c6;
};
/// For r from -1/2 to 1/2.
[[maybe_unused]] constexpr Exp2Coefficients kHalfRange = {
    .693147203f, .240226479f, .0555033247f, .00961843736f, .00133988748f, .000153533629f};
/// For r from 0 to 1.
[[maybe_unused]] constexpr Exp2Coefficients kUnitRange = {
    .693147044f, .240229306f, .0554852805f, .00967545182f, .00124678438f, .000216129252f};

template <typename AnyVector>
LSTMD_INLINE AnyVector Exp2Polynomial(AnyVector r, const Exp2Coefficients& c);

/// Of 2^r = 1 + r (c1 + ...) near zero.
struct NearCoefficients {
  float c1, c2, c3;
};

/// scale * 2^r for a small r.
template <typename AnyVector>
LSTMD_INLINE AnyVector Exp2Near(AnyVector scale, AnyVector r, const NearCoefficients& c);

#include LSTMD_VECTOR_HEADER

/// Estrin's scheme.
template <typename AnyVector>
LSTMD_INLINE AnyVector Exp2Polynomial(AnyVector r, const Exp2Coefficients& c) {
  const AnyVector r2 = Multiply(r, r);
  const AnyVector p01 = MultiplyAdd(Set(c.c1), r, Set(1.0f));
  const AnyVector p23 = MultiplyAdd(Set(c.c3), r, Set(c.c2));
  const AnyVector p45 = MultiplyAdd(Set(c.c5), r, Set(c.c4));
  const AnyVector p456 = MultiplyAdd(Set(c.c6), r2, p45);
  return MultiplyAdd(MultiplyAdd(p456, r2, p23), r2, p01);
}

template <typename AnyVector>
LSTMD_INLINE AnyVector Exp2Near(AnyVector scale, AnyVector r, const NearCoefficients& c) {
  const AnyVector slope = MultiplyAdd(MultiplyAdd(Set(c.c3), r, Set(c.c2)), r, Set(c.c1));
  return MultiplyAdd(Multiply(scale, r), slope, scale);
}

/// 2^y, with y held where neither 2^y is a denormal nor a product of three such terms overflows:
/// a sigmoid or tanh of float32 does not change beyond. NaN stays NaN.
LSTMD_INLINE Vector Exp2(Vector y) { return Exp2InRange(Min(Set(40.0f), Max(Set(-126.0f), y))); }

constexpr float kLog2E = 1.44269504f;

LSTMD_INLINE Vector LoadUpTo(const float* p, int count) {
  return count >= kWidth ? LoadUnaligned(p) : LoadFirst(p, count);
}

LSTMD_INLINE void StoreUpTo(float* p, Vector a, int count) {
  if (count >= kWidth) {
    StoreUnaligned(p, a);
  } else {
    StoreFirst(p, a, count);
  }
}

/// Of a vector, for the alignment of what is on the stack.
constexpr int kVectorBytes = kWidth * static_cast<int>(sizeof(float));

LSTMD_INLINE unsigned Bytes(int floats) { return static_cast<unsigned>(floats) * sizeof(float); }

LSTMD_INLINE int RoundUp(int count) { return (count + kWidth - 1) & -kWidth; }

/// Keeps a buffer's promise of zeros after its last value.
LSTMD_INLINE void ZeroTail(float* buffer, int size) {
  const int count = size & (kWidth - 1);
  if (count == 0) return;
  float* const last = buffer + size - count;
  Store(last, WithFirst(Set(0.0f), Load(last), count));
}

LSTMD_INLINE Vector Sigmoid(Vector x) {
  const Vector one = Set(1.0f);
  return Divide(one, Add(one, Exp2(Multiply(Set(-kLog2E), x))));
}

LSTMD_INLINE Vector Tanh(Vector x) {
  const Vector one = Set(1.0f);
  const Vector e = Exp2(Multiply(Set(-2.0f * kLog2E), x));
  return Divide(Subtract(one, e), Add(one, e));
}
