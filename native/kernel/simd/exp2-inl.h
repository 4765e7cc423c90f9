// 2^(k x) by rounding and a polynomial. Included by the vector headers that have nothing better,
// after their kExp2Steps, which is how many steps there are from one whole number to the next, and
// Exp2OfRounded.

/// 2^(k x), with k x held from -40 to 40: what a sigmoid or tanh of float32 is made of does not
/// change beyond, and a product of three such terms does not overflow. NaN stays NaN.
LSTMD_INLINE Vector Exp2(float k, Vector x) {
  const float most = 40.0f / __builtin_fabsf(k);
  x = Min(Set(most), Max(Set(-most), x));
  // A number so large has no room for fractions of a step: it rounds, and its low bits count the
  // steps. Where a multiply and an add are one, what is left has no rounding error of k x in it.
  const Vector magic = Set(1.5f * 0x1p23f / kExp2Steps);
  const Vector rounded = MultiplyAdd(x, Set(k), magic);
  const Vector r = MultiplyAdd(x, Set(k), Subtract(magic, rounded));
  const Vector scale = Exp2OfRounded(rounded);
  if constexpr (kExp2Steps == 8) {
    const Vector slope =
        MultiplyAdd(MultiplyAdd(Set(.0554887727f), r, Set(.240257517f)), r, Set(.693147242f));
    return MultiplyAdd(Multiply(scale, r), slope, scale);
  }
  // Degree 6 in Estrin's scheme; degree 5 drifts on whole models.
  const Vector r2 = Multiply(r, r);
  const Vector p01 = MultiplyAdd(Set(.693147203f), r, Set(1.0f));
  const Vector p23 = MultiplyAdd(Set(.0555033247f), r, Set(.240226479f));
  const Vector p45 = MultiplyAdd(Set(.00133988748f), r, Set(.00961843736f));
  const Vector p456 = MultiplyAdd(Set(.000153533629f), r2, p45);
  return Multiply(MultiplyAdd(MultiplyAdd(p456, r2, p23), r2, p01), scale);
}
