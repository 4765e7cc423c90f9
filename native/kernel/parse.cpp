#include <algorithm>
#include <cmath>
#include <utility>

#include "spec.h"

namespace lstmd {
namespace {

/// Far above any model for an edge box, and far below where int arithmetic could overflow.
constexpr int kMaxSize = 1 << 20;
constexpr std::int64_t kMaxValueFloats = 1 << 24;
constexpr std::int64_t kMaxStateFloats = 1 << 28;

/// The first fault stops the reading: every later answer is then a harmless 0 or null.
class Parser {
 public:
  Parser(std::span<const std::int32_t> words, std::span<const float> weights, Spec* spec)
      : words_(words), weights_(weights), spec_(*spec) {}

  std::string Run() {
    ReadHeader();
    ReadValues();
    for (int i = 0; i < op_count_ && Ok(); ++i) {
      where_ = "operation " + std::to_string(i);
      ReadOp();
    }
    where_ = "program";
    if (Ok() && next_ != words_.size()) Fail("has words after its last operation");
    for (const int value : spec_.outputs)
      if (Ok() && !written_[Index(value)]) Fail("gives an output that no operation writes");
    CheckStateOverlap();
    return error_;
  }

 private:
  static std::size_t Index(int i) { return static_cast<std::size_t>(i); }

  bool Ok() const { return error_.empty(); }

  void Fail(const std::string& what) {
    if (Ok()) error_ = where_ + " " + what;
  }

  std::int32_t Word() {
    if (!Ok()) return 0;
    if (next_ >= words_.size()) {
      Fail("ends too early");
      return 0;
    }
    return words_[next_++];
  }

  int Number(const char* name, int least, int most) {
    const std::int32_t value = Word();
    if (!Ok() || (value >= least && value <= most)) return value;
    Fail(std::string("has ") + name + " " + std::to_string(value) + ", not within " +
         std::to_string(least) + " to " + std::to_string(most));
    return least;
  }

  void ReadHeader() {
    if (Word() != kMagic) Fail("does not begin with the magic word");
    if (Word() != kVersion) Fail("is of another version");
    spec_.mode = static_cast<Mode>(Number("mode", 0, 2));
    spec_.window = Number("window", 1, kSeenLimit);
    spec_.stride = Number("stride", 1, kSeenLimit);
    spec_.lanes = Number("lanes", 1, kMaxSize);
    spec_.warmup_samples = Number("warmupSamples", 0, kSeenLimit);
    spec_.features = Number("features", 1, kMaxSize);
    value_count_ = Number("valueCount", 1, kMaxSize);
    op_count_ = Number("opCount", 0, kMaxSize);
    output_count_ = Number("outputCount", 1, kMaxSize);
    spec_.lane_state_size = Number("laneStateSize", 0, kMaxSize);
    if (!Ok()) return;
    spec_.state_size =
        kStateHeaderSize + std::int64_t{spec_.lanes} * std::int64_t{spec_.lane_state_size};
    if (spec_.state_size > kMaxStateFloats) Fail("has a state too large");
    if (spec_.mode == Mode::kSliding) {
      const std::int64_t period = std::int64_t{spec_.lanes} * spec_.stride;
      // The lanes must cover a window, and a float32 must count the phases.
      if (period < spec_.window) Fail("has too few lanes for its window");
      if (period > kSeenLimit) Fail("has too many phases");
    } else if (spec_.lanes != 1 || spec_.stride != 1) {
      Fail("has lanes or a stride outside of the sliding mode");
    }
  }

  void ReadValues() {
    std::int64_t total = 0;
    for (int i = 0; i < value_count_ && Ok(); ++i) {
      spec_.value_sizes.push_back(Number("value size", 1, kMaxSize));
      total += spec_.value_sizes.back();
      if (total > kMaxValueFloats) Fail("has too many values");
    }
    if (Ok() && spec_.value_sizes[0] != spec_.features) Fail("has a value 0 that is not the input");
    for (int i = 0; i < output_count_ && Ok(); ++i) {
      spec_.outputs.push_back(Number("output value", 0, value_count_ - 1));
      if (Ok()) spec_.output_size += spec_.value_sizes[Index(spec_.outputs.back())];
      if (spec_.output_size > kMaxSize) Fail("has too large a row of outputs");
    }
    written_.assign(spec_.value_sizes.size(), false);
    if (Ok()) written_[0] = true;
  }

  const float* OptionalTensor(const char* name, std::int64_t size) {
    if (next_ < words_.size() && words_[next_] == kNone) {
      ++next_;
      return nullptr;
    }
    return Tensor(name, size);
  }

  /// `matrices * size` floats of the weights, all of them finite.
  const float* Tensor(const char* name, std::int64_t size, std::int64_t matrices = 1) {
    const std::int32_t offset = Word();
    if (!Ok()) return nullptr;
    const std::int64_t available = static_cast<std::int64_t>(weights_.size());
    // One matrix first, so that the product cannot overflow.
    const bool fits = size <= available && size * matrices <= available;
    size *= fits ? matrices : 0;
    if (!fits || offset < 0 || offset > available - size) {
      Fail(std::string("has its ") + name + " outside of the weights");
      return nullptr;
    }
    const float* tensor = weights_.data() + offset;
    if (!std::all_of(tensor, tensor + size, [](float w) { return std::isfinite(w); })) {
      Fail(std::string("has a weight in its ") + name + " that is not a finite number");
      return nullptr;
    }
    return tensor;
  }

  Activation ReadActivation(bool elementwise) {
    Activation activation = {};
    activation.code = static_cast<ActivationCode>(
        Number("activation", 0, static_cast<int>(ActivationCode::kHardSigmoid)));
    if (elementwise && activation.code == ActivationCode::kSoftmax)
      Fail("has softmax as the activation of a cell");
    int count = 0;
    if (activation.code == ActivationCode::kElu) count = 1;
    if (activation.code == ActivationCode::kRelu) count = 3;
    if (activation.code == ActivationCode::kHardSigmoid) count = 2;
    const std::int32_t offset = Word();
    if (!Ok() || count == 0) return activation;
    if (offset < 0 || weights_.size() < Index(count) ||
        Index(offset) > weights_.size() - Index(count)) {
      Fail("has activation parameters outside of the weights");
      return activation;
    }
    for (int i = 0; i < count; ++i) {
      activation.parameters[i] = weights_[Index(offset + i)];
      // A relu without a maximum has infinity there.
      if (std::isnan(activation.parameters[i])) Fail("has an activation parameter that is NaN");
    }
    return activation;
  }

  int StateOffset(const char* name, int size) {
    const int offset = Number(name, 0, std::max(0, spec_.lane_state_size - size));
    if (size > spec_.lane_state_size) Fail("has a state larger than the lane's");
    state_.emplace_back(offset, size);
    return offset;
  }

  void ReadOp() {
    const std::size_t start = next_;
    OpSpec op = {};
    op.code = static_cast<OpCode>(Number("code", 1, static_cast<int>(OpCode::kTimeDense)));
    const std::int32_t word_count = Word();
    op.input = Number("input", 0, value_count_ - 1);
    op.output = Number("output", 0, value_count_ - 1);
    if (!Ok()) return;
    if (!written_[Index(op.input)]) return Fail("reads a value before it is written");
    if (written_[Index(op.output)]) return Fail("writes a value that is already written");
    op.inputs = spec_.value_sizes[Index(op.input)];
    op.units = spec_.value_sizes[Index(op.output)];
    ReadOperands(&op);
    if (Ok() && next_ - start != Index(word_count)) Fail("has a wrong count of words");
    if (!Ok()) return;
    written_[Index(op.output)] = true;
    spec_.ops.push_back(op);
  }

  void ReadOperands(OpSpec* op) {
    const std::int64_t inputs = op->inputs;
    const std::int64_t units = op->units;
    switch (op->code) {
      case OpCode::kLstm:
        op->kernel = Tensor("kernel", inputs * 4 * units);
        op->recurrent_kernel = Tensor("recurrent kernel", units * 4 * units);
        op->bias = OptionalTensor("bias", 4 * units);
        op->activation = ReadActivation(true);
        op->recurrent_activation = ReadActivation(true);
        op->h_offset = StateOffset("hOffset", op->units);
        op->c_offset = StateOffset("cOffset", op->units);
        return;
      case OpCode::kDense:
        op->kernel = Tensor("kernel", inputs * units);
        op->bias = OptionalTensor("bias", units);
        op->activation = ReadActivation(false);
        return;
      case OpCode::kActivation:
        op->activation = ReadActivation(false);
        if (op->inputs != op->units) Fail("changes the size of its value");
        return;
      case OpCode::kTimeDense:
        if (spec_.mode == Mode::kContinuous) Fail("sums over a window, and continuous has none");
        op->kernel = Tensor("kernel", inputs * units, spec_.window);
        op->bias = OptionalTensor("bias", units);
        op->activation = ReadActivation(false);
        op->acc_offset = StateOffset("accOffset", op->units);
        return;
    }
  }

  void CheckStateOverlap() {
    std::sort(state_.begin(), state_.end());
    for (std::size_t i = 1; i < state_.size(); ++i)
      if (Ok() && state_[i].first < state_[i - 1].first + state_[i - 1].second)
        Fail("has state tensors that overlap");
  }

  std::span<const std::int32_t> words_;
  std::span<const float> weights_;
  Spec& spec_;
  std::size_t next_ = 0;
  int value_count_ = 0;
  int op_count_ = 0;
  int output_count_ = 0;
  std::vector<bool> written_;
  std::vector<std::pair<int, int>> state_;  // offset, size
  std::string where_ = "program";
  std::string error_;
};

}  // namespace

std::string Parse(std::span<const std::int32_t> words, std::span<const float> weights, Spec* spec) {
  *spec = {};
  return Parser(words, weights, spec).Run();
}

}  // namespace lstmd
