#include "format/reader.h"

#include <algorithm>
#include <cmath>

namespace lstmd {

void Reader::Fail(const std::string& what) {
  if (!ok()) return;
  error_ = where_ + " " + what;
  fault_operation_ = operation_;
}

void Reader::EnterOperation(int index) {
  Enter("operation " + std::to_string(index));
  operation_ = index;
}

std::int32_t Reader::Word() {
  if (!ok()) return 0;
  if (AtEnd()) {
    Fail("ends too early");
    return 0;
  }
  return words_[next_++];
}

int Reader::Number(const char* name, int least, int most) {
  const std::int32_t value = Word();
  if (!ok()) return least;
  if (value >= least && value <= most) return value;
  Fail(std::string("has ") + name + " " + std::to_string(value) + ", not within " +
       std::to_string(least) + " to " + std::to_string(most));
  return least;
}

std::vector<int> Reader::Numbers(const char* name, std::int64_t count, int least, int most) {
  std::vector<int> numbers;
  if (ok() && count > static_cast<std::int64_t>(words_.size() - next_)) {
    Fail(std::string("has fewer words than one ") + name + " for each");
    return numbers;
  }
  numbers.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count && ok(); ++i) numbers.push_back(Number(name, least, most));
  return numbers;
}

bool Reader::TakeNone() {
  if (!ok() || AtEnd() || words_[next_] != kNone) return false;
  ++next_;
  return true;
}

const float* Reader::Tensor(const char* name, std::int64_t size, std::int64_t count) {
  const std::int32_t offset = Word();
  if (!ok()) return nullptr;
  // The size is compared first, so that the product cannot overflow.
  const float* tensor = size <= weights_.size() ? weights_.Find(offset, size *= count) : nullptr;
  if (tensor == nullptr) {
    Fail(std::string("has its ") + name + " outside of the weights");
    return nullptr;
  }
  if (!std::all_of(tensor, tensor + size, [](float w) { return std::isfinite(w); })) {
    Fail(std::string("has a weight in its ") + name + " that is not a finite number");
    return nullptr;
  }
  return tensor;
}

const float* Reader::OptionalTensor(const char* name, std::int64_t size) {
  return TakeNone() ? nullptr : Tensor(name, size);
}

float Reader::Parameter(const char* name) {
  const std::int32_t offset = Word();
  if (!ok()) return 0;
  const float* const value = weights_.Find(offset, 1);
  if (value == nullptr) {
    Fail(std::string("has its ") + name + " outside of the weights");
    return 0;
  }
  if (std::isnan(*value)) Fail(std::string("has a ") + name + " that is NaN");
  return *value;
}

Activation Reader::ReadActivation() {
  Activation activation = {};
  activation.code = static_cast<ActivationCode>(Number("activation", 0, kActivationCodes - 1));
  const int count = kActivationParameters[static_cast<int>(activation.code)];
  const std::int32_t offset = Word();
  if (!ok() || count == 0) return activation;
  const float* const parameters = weights_.Find(offset, count);
  if (parameters == nullptr) {
    Fail("has activation parameters outside of the weights");
    return activation;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    activation.parameters[i] = parameters[i];
    // A relu without a maximum has infinity there.
    if (std::isnan(activation.parameters[i])) Fail("has an activation parameter that is NaN");
  }
  return activation;
}

}  // namespace lstmd
