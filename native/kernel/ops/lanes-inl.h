// The lanes of a group that an operation works on.
#pragma once

#include "pack/packed.h"
#include "simd/target-unit.h"

namespace lstmd {
namespace {

/// The lanes of a set one after the other, for operations that step them together.
struct LaneList {
  const Lane* lanes;
  int count;

  LaneList(const Lane* group, LaneSet set) : lanes(group), count(0) {
    if ((set & (set + 1)) == 0) {
      count = set == 0 ? 0 : 32 - __builtin_clz(set);
      return;
    }
    for (; set != 0; set &= set - 1) copies_[count++] = group[__builtin_ctz(set)];
    lanes = copies_;
  }
  LaneList(const LaneList&) = delete;
  LaneList& operator=(const LaneList&) = delete;

 private:
  Lane copies_[kMaxGroup];
};

template <typename Work>
LSTMD_INLINE void ForEachLane(const Lane* lanes, LaneSet set, Work work) {
  for (; set != 0; set &= set - 1) work(lanes[__builtin_ctz(set)]);
}

/// Says whether an operation gave an output in a lane.
enum class Outcome {
  kStale,
  kFresh,
  /// It gave none, because the state has a counter that no step leaves.
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

/// The OpStep of an operation that steps its lanes one by one, because they share no work.
template <typename Op, Outcome (*kStep)(const Packed<Op>&, const Lane&)>
[[gnu::noinline]] Outcomes InEachLane(const PackedOp& packed, const Lane* lanes, LaneSet set) {
  const auto& op = static_cast<const Packed<Op>&>(packed);
  return CollectOutcomes(lanes, set, [&op](const Lane& lane) { return kStep(op, lane); });
}

/// The same of an operation whose output is always fresh.
template <typename Op, void (*kStep)(const Packed<Op>&, const Lane&)>
[[gnu::noinline]] Outcomes InEachLane(const PackedOp& packed, const Lane* lanes, LaneSet set) {
  const auto& op = static_cast<const Packed<Op>&>(packed);
  ForEachLane(lanes, set, [&op](const Lane& lane) { kStep(op, lane); });
  return {set, 0};
}

}  // namespace
}  // namespace lstmd
