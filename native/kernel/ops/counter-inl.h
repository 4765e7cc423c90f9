// The counters that decide what becomes of an operation. Included by step-inl.h.

/// A counter of the state, from 0 to `most`; -1 where it is none: it may come from a damaged file.
LSTMD_INLINE int ReadCounter(const float* counter, int most) {
  // Also false for NaN, before the conversion that it would make undefined.
  if (!(*counter >= 0 && *counter <= static_cast<float>(most))) return -1;
  const int count = static_cast<int>(*counter);
  return static_cast<float>(count) == *counter ? count : -1;
}

LSTMD_INLINE void WriteCounter(float* counter, int count) { *counter = static_cast<float>(count); }
