// Vectors and the functions of them. Included by step-inl.h.

#include LSTMD_VECTOR_HEADER

constexpr float kLog2E = 1.44269504f;

/// scale * 2^r, for r of half a step at most either way.
LSTMD_INLINE Vector ScaledExp2(Vector scale, Vector r) {
  if constexpr (kExp2Steps == 1) {
    // Degree 6 in Estrin's scheme; degree 5 drifts on whole models.
    const Vector r2 = Multiply(r, r);
    const Vector p01 = MultiplyAdd(Set(.693147203f), r, Set(1.0f));
    const Vector p23 = MultiplyAdd(Set(.0555033247f), r, Set(.240226479f));
    const Vector p45 = MultiplyAdd(Set(.00133988748f), r, Set(.00961843736f));
    const Vector p456 = MultiplyAdd(Set(.000153533629f), r2, p45);
    return Multiply(MultiplyAdd(MultiplyAdd(p456, r2, p23), r2, p01), scale);
  }
  constexpr bool kIsEighth = kExp2Steps == 8;
  const Vector c1 = Set(kIsEighth ? .693147242f : .693147182f);
  const Vector c2 = Set(kIsEighth ? .240257517f : .240234286f);
  const Vector c3 = Set(kIsEighth ? .0554887727f : .0555021353f);
  const Vector slope = MultiplyAdd(MultiplyAdd(c3, r, c2), r, c1);
  return MultiplyAdd(Multiply(scale, r), slope, scale);
}

/// 2^(k x), with k x held from -40 to 40: what a sigmoid or tanh of float32 is made of does not
/// change beyond, and a product of three such terms does not overflow. NaN stays NaN.
LSTMD_INLINE Vector Exp2(float k, Vector x) {
  const float most = 40.0f / __builtin_fabsf(k);
  x = Min(Set(most), Max(Set(-most), x));
  // A number so large has no room for smaller fractions: it rounds, and its low bits count the
  // steps. What is left of k x has no rounding error of k x in it where a multiply and an add are
  // one.
  const Vector magic = Set(1.5f * 0x1p23f / kExp2Steps);
  const Vector shifted = MultiplyAdd(x, Set(k), magic);
  const Vector r = MultiplyAdd(x, Set(k), Subtract(magic, shifted));
  return ScaledExp2(Exp2OfRounded(shifted), r);
}

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
  return Divide(one, Add(one, Exp2(-kLog2E, x)));
}

LSTMD_INLINE Vector Tanh(Vector x) {
  const Vector one = Set(1.0f);
  const Vector e = Exp2(-2.0f * kLog2E, x);
  return Divide(Subtract(one, e), Add(one, e));
}
