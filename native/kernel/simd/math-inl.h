// Vectors and the functions of them. Included by step-inl.h.

#include LSTMD_VECTOR_HEADER

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
  return Divide(one, Add(one, Exp2(-kLog2E, x)));
}

LSTMD_INLINE Vector Tanh(Vector x) {
  const Vector one = Set(1.0f);
  const Vector e = Exp2(-2.0f * kLog2E, x);
  return Divide(Subtract(one, e), Add(one, e));
}
