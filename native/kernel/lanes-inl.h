// Which lanes of a group an operation works on. Included by step-inl.h.

/// The lanes of a set one after the other, for what steps them together.
struct Chosen {
  const Lane* lanes;
  int count;

  Chosen(const Lane* group, LaneSet set) : lanes(group), count(__builtin_popcount(set)) {
    if ((set & (set + 1)) == 0) return;
    int next = 0;
    for (int i = 0; set >> i != 0; ++i)
      if ((set >> i & 1) != 0) copies_[next++] = group[i];
    lanes = copies_;
  }
  Chosen(const Chosen&) = delete;
  Chosen& operator=(const Chosen&) = delete;

 private:
  Lane copies_[kGroup];
};

template <typename Work>
LSTMD_INLINE void ForEachLane(const Lane* lanes, LaneSet set, Work work) {
  for (; set != 0; set &= set - 1) work(lanes[__builtin_ctz(set)]);
}

/// What becomes of an operation in a lane.
enum class Outcome {
  kStale,
  kFresh,
  /// The state has a counter that no step leaves.
  kBroken,
};

/// The lanes of a set in which an operation's output is fresh, and those that it found broken.
struct Outcomes {
  LaneSet fresh;
  LaneSet broken;
};

template <typename Work>
LSTMD_INLINE Outcomes CollectOutcomes(const Lane* lanes, LaneSet set, Work work) {
  Outcomes outcomes = {0, 0};
  for (; set != 0; set &= set - 1) {
    const LaneSet bit = set & -set;
    const Outcome outcome = work(lanes[__builtin_ctz(set)]);
    if (outcome == Outcome::kFresh) outcomes.fresh |= bit;
    if (outcome == Outcome::kBroken) outcomes.broken |= bit;
  }
  return outcomes;
}
