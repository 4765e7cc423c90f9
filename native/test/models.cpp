#include "models.h"

namespace lstmd::test {

Builder EverythingBySteps(Mode mode) {
  Builder builder(3, mode, 5, mode == Mode::kSliding ? 2 : 1);
  const int masked = builder.Mask(0.5f);
  builder.SetCells({0.9f, true, true, kTanh});
  builder.Lstm(9, kLeakyRelu, kHardSigmoid);
  builder.SetCells({});
  builder.Activate({ActivationCode::kElu, {0.7f}, nullptr});
  const int gru = builder.Gru(4, true);
  const int other = builder.Gru(4, false, kSoftmax, kSparsemax);
  builder.Merge(MergeCode::kAverage, {gru, other});
  builder.LayerNorm(true);
  builder.Affine();
  builder.Prelu(5);
  builder.Concatenate({masked, gru, other});
  builder.BeginStates(4, 0);
  builder.SimpleRnn(4);
  builder.Recall(4, 4);
  builder.Keep();
  builder.MatMul(gru, 1, 1, 4, 1);
  builder.Gather({0, kNone, 0, 0});
  builder.Reduce(ReduceCode::kSum, 2);
  builder.Conv(6, {2, 1, 2, 1}, 1, kTanh);
  builder.Conv(6, {2, 1, 1, 0}, 3, kLeakyRelu);
  builder.Pool(PoolCode::kAverage, {3, 1, 2, 3});
  const int skipped = builder.Skip(1);
  const int pooled = builder.GlobalPool(PoolCode::kMaximum);
  builder.Dense(2, kSigmoid);
  const int head = builder.TimeDense(2, kSigmoid);
  builder.SetOutputs({head, skipped, pooled});
  builder.HoldOutputs();
  return builder;
}

Builder EverythingByWindows() {
  Builder builder = Builder::OfWindows(3, 5, 2);
  builder.Mask(0.5f);
  builder.SetReverse(true);
  builder.Gru(4, true);
  builder.SetReverse(false);
  builder.Pad(1, 2, 0.25f);
  builder.Rearrange(WindowOpCode::kCrop, 6, 4, {1});
  builder.Rearrange(WindowOpCode::kTranspose, 4, 6, {});
  builder.KeepSteps(2);
  builder.Conv(3, {2, 1, 1, 0}, 1, kTanh);
  builder.Rearrange(WindowOpCode::kReshape, 1, 6, {});
  builder.Rearrange(WindowOpCode::kRepeat, 5, 6, {});
  builder.TimeDense(2, kSigmoid);
  return builder;
}

std::vector<Builder> EverythingInAllModes() {
  return {EverythingBySteps(Mode::kContinuous), EverythingBySteps(Mode::kSequence),
          EverythingBySteps(Mode::kSliding), EverythingByWindows()};
}

}  // namespace lstmd::test
