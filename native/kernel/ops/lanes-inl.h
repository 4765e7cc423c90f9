// Which lanes of a group an operation works on. Included by step-inl.h.

/// The lanes of a set one after the other, for what steps them together.
struct Chosen {
  const Lane* lanes;
  int count;

  Chosen(const Lane* group, LaneSet set) : lanes(group), count(0) {
    if ((set & (set + 1)) == 0) {
      count = set == 0 ? 0 : 32 - __builtin_clz(set);
      return;
    }
    for (; set != 0; set &= set - 1) copies_[count++] = group[__builtin_ctz(set)];
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

/// An operation that has nothing to gain from company.
template <Outcome (*kStep)(const PackedOp&, const Lane&)>
[[gnu::noinline]] Outcomes InEachLane(const PackedOp& op, const Lane* lanes, LaneSet set) {
  return CollectOutcomes(lanes, set, [&op](const Lane& lane) { return kStep(op, lane); });
}

template <void (*kStep)(const PackedOp&, const Lane&)>
[[gnu::noinline]] Outcomes InEachLane(const PackedOp& op, const Lane* lanes, LaneSet set) {
  ForEachLane(lanes, set, [&op](const Lane& lane) { kStep(op, lane); });
  return {set, 0};
}
