#include "run/program.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include "format/index.h"
#include "run/denormals.h"
#include "run/window.h"

namespace lstmd {
namespace {

/// A header field as an integer, or -1 where it is not an integer from 0 to `most`.
int HeaderField(float value, int most) {
  // Also false for NaN, whose conversion to int is undefined.
  if (!(value >= 0 && value <= static_cast<float>(most))) return -1;
  const int integer = static_cast<int>(value);
  return static_cast<float>(integer) == value ? integer : -1;
}

bool AllFinite(const float* values, std::size_t count) {
  return std::all_of(values, values + count, [](float value) { return std::isfinite(value); });
}

/// Copies values, and returns whether all are finite.
bool CopyFinite(const float* from, std::size_t count, float* to) {
  bool are_finite = true;
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = from[i];
    are_finite &= std::isfinite(from[i]);
  }
  return are_finite;
}

/// Returns whether an operation reads or writes no state but its own, so that it may be stepped for
/// several samples before the operations around it are.
bool HasOwnState(const OpSpec& op) {
  return op.code != OpCode::kBegin && op.code != OpCode::kRecall && op.code != OpCode::kKeep;
}

/// Samples of a run: few, so that their workspaces leave room in the cache for the weights.
constexpr std::size_t kRunSamples = 8;

}  // namespace

std::unique_ptr<Program> Program::Create(std::span<const std::int32_t> words,
                                         const Weights& weights, const Target& target,
                                         std::string* error, int* fault_operation,
                                         const Spent& spent) {
  if (fault_operation != nullptr) *fault_operation = kNone;
  std::unique_ptr<Program> program(new (std::nothrow) Program(target));
  if (program == nullptr) {
    *error = "program needs more memory than there is";
    return nullptr;
  }
  *error = Parse(words, weights, &program->spec_, fault_operation);
  if (error->empty())
    *error = Pack(program->spec_, target.width, target.functions->of, spent, &program->packed_);
  if (!error->empty()) return nullptr;
  for (float* const workspace : program->packed_.workspaces)
    program->lanes_[program->workspaces_++] = {nullptr, workspace};
  program->is_plain_ = program->packed_.steps.is_plain && program->spec_.lanes == 1 &&
                       program->spec_.mode == Mode::kContinuous &&
                       program->spec_.outputs.size() == 1;
  if (program->is_plain_ && target.functions->run != nullptr &&
      Index(program->workspaces_) >= kRunSamples &&
      std::all_of(program->spec_.ops.begin(), program->spec_.ops.end(), HasOwnState))
    program->saved_state_.reset(new (std::nothrow) float[program->state_size()]);
  return program;
}

bool Program::ReadHeader(const float* state, Header* header) const {
  *header = {HeaderField(state[0], kSeenLimit), HeaderField(state[1], spec_.period() - 1)};
  return header->seen >= 0 && header->phase >= 0;
}

void Program::WriteHeader(const Header& header, float* state) {
  state[0] = static_cast<float>(header.seen);
  state[1] = static_cast<float>(header.phase);
}

bool Program::Step(float* state, const float* input, std::size_t count, float* output,
                   std::uint8_t* flags) noexcept {
  Header header;
  if (!ReadHeader(state, &header)) return false;
  const DenormalsAreZero denormals_are_zero;
  PrecomputedSums& precomputed = packed_.precomputed;
  // The sample at which a run begins next; `count` where there are none.
  std::size_t next_run = saved_state_ == nullptr ? count : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const float* const x = input + i * features();
    float* const y = output + i * output_size();
    if (i == next_run) {
      // Sums that are there are those of a sample that was stepped alone, and none are wanted.
      precomputed.is_ready = false;
      precomputed.is_wanted = false;
      const std::size_t samples = std::min(kRunSamples, count - i);
      next_run = i + samples;
      if (samples > 1 && StepPlainRun(state, &header, x, samples, y, flags + i)) {
        i = next_run - 1;
        continue;
      }
    }
    precomputed.is_wanted = precomputed.op != nullptr && i + 1 < std::min(count, next_run);
    if (is_plain_) {
      StepPlainSample(state, &header, x, y, flags + i);
    } else {
      StepSample(state, &header, x, y, flags + i);
    }
  }
  // The caller may change the state before the next call.
  precomputed.is_ready = false;
  WriteHeader(header, state);
  return true;
}

bool Program::StepMany(float* states, const float* input, std::size_t count, float* output,
                       std::uint8_t* flags) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    Header header;
    if (!ReadHeader(states + i * state_size(), &header)) return false;
  }
  const DenormalsAreZero denormals_are_zero;
  // A program of several lanes steps these together, and one of whole windows steps no lanes.
  const bool has_one_lane = spec_.lanes == 1 && !spec_.whole_window;
  const std::size_t group = has_one_lane ? Index(workspaces_) : 1;
  for (std::size_t i = 0; i < count; i += group) {
    float* const state = states + i * state_size();
    const float* const x = input + i * features();
    float* const y = output + i * output_size();
    if (has_one_lane) {
      StepGroup(state, x, std::min(group, count - i), y, flags + i);
    } else {
      Step(state, x, 1, y, flags + i);
    }
  }
  return true;
}

void Program::StepSample(float* state, Header* header, const float* input, float* output,
                         std::uint8_t* flags) {
  if (CopyFinite(input, features(), lanes_[0].workspace)) {
    header->seen = std::min(header->seen + 1, kSeenLimit);
    float* const lane = state + kStateHeaderSize;
    const Result result = spec_.whole_window ? StepWindow(lane, *header, input, output)
                          : spec_.lanes == 1 ? StepLane(lane, *header, output)
                                             : StepLanes(lane, *header, input, output);
    *flags = Finish(result, state, header);
  } else {
    *flags = kFlagRefused;
  }
  if ((*flags & kFlagOutput) == 0) std::fill_n(output, output_size(), 0.0f);
}

void Program::StepPlainSample(float* state, Header* header, const float* input, float* output,
                              std::uint8_t* flags) {
  Lane& lane = lanes_[0];
  std::uint8_t flag = kFlagRefused;
  if (CopyFinite(input, features(), lane.workspace)) {
    header->seen = std::min(header->seen + 1, kSeenLimit);
    lane.state = state + kStateHeaderSize;
    const int value = spec_.outputs[0].value;
    const bool is_valid =
        target_.functions->step(packed_.steps, lanes_, 1, 1) != 0 &&
        CopyFinite(lane.workspace + packed_.values[Index(value)], output_size(), output);
    flag = Finish({is_valid, is_valid}, state, header);
  }
  if ((flag & kFlagOutput) == 0) std::fill_n(output, output_size(), 0.0f);
  *flags = flag;
}

bool Program::StepPlainRun(float* state, Header* header, const float* input, std::size_t count,
                           float* output, std::uint8_t* flags) {
  for (std::size_t i = 0; i < count; ++i) {
    lanes_[i].state = state + kStateHeaderSize;
    if (!CopyFinite(input + i * features(), features(), lanes_[i].workspace)) return false;
  }
  std::copy_n(state, state_size(), saved_state_.get());
  bool is_valid = target_.functions->run(packed_.steps, lanes_, static_cast<int>(count));
  const std::size_t value = Index(packed_.values[Index(spec_.outputs[0].value)]);
  for (std::size_t i = 0; i < count && is_valid; ++i)
    is_valid = CopyFinite(lanes_[i].workspace + value, output_size(), output + i * output_size());
  if (!is_valid) {
    std::copy_n(saved_state_.get(), state_size(), state);
    return false;
  }
  for (std::size_t i = 0; i < count; ++i) {
    header->seen = std::min(header->seen + 1, kSeenLimit);
    flags[i] = Finish({true, true}, state, header);
  }
  return true;
}

std::uint8_t Program::Finish(const Result& result, float* state, Header* header) {
  if (!result.is_valid) {
    std::fill_n(state, state_size(), 0.0f);
    packed_.precomputed.is_ready = false;
    *header = {0, 0};
    return kFlagReset;
  }
  const bool is_warm = spec_.mode == Mode::kSequence ? header->phase == spec_.window - 1
                                                     : header->seen >= spec_.warmup_samples;
  header->phase = header->phase + 1 == spec_.period() ? 0 : header->phase + 1;
  if (!result.has_output) return 0;
  return is_warm ? kFlagOutput | kFlagWarm : kFlagOutput;
}

int Program::AgeOf(int lane, int phase) const {
  const int age = phase - lane * spec_.stride;
  return age < 0 ? age + spec_.period() : age;
}

bool Program::IsLast(int age) const {
  return spec_.mode != Mode::kContinuous && age == spec_.window - 1;
}

bool Program::IsDue(int age, int seen) const {
  return spec_.mode != Mode::kSliding || (IsLast(age) && seen >= spec_.window);
}

Program::Result Program::StepLane(float* lane, const Header& header, float* output) {
  const int age = header.phase;
  if (age >= spec_.window) return {false, true};
  if (age == 0 && spec_.mode != Mode::kContinuous) {
    std::fill_n(lane, spec_.lane_state_size, 0.0f);
    packed_.precomputed.is_ready = false;
  }
  lanes_[0].state = lane;
  const LaneSet due = IsDue(age, header.seen) ? 1 : 0;
  if (target_.functions->step(packed_.steps, lanes_, 1, due) == 0) return {false, false};
  return due == 0 ? Result{false, true} : CopyOutputs(0, IsLast(age), output);
}

Program::Result Program::StepLanes(float* lane, const Header& header, const float* input,
                                   float* output) {
  const std::size_t lane_size = Index(spec_.lane_state_size);
  for (int i = 1; i < std::min(workspaces_, spec_.lanes); ++i)
    std::copy_n(input, features(), lanes_[i].workspace);
  Result result = {false, true};
  int count = 0;
  // At most one lane of a sliding window is at its last step: no two are of the same age.
  int due_index = kNone;
  bool is_last = false;
  for (int i = 0; i < spec_.lanes; ++i, lane += lane_size) {
    const int age = AgeOf(i, header.phase);
    if (age < spec_.window) {
      if (age == 0 && spec_.mode != Mode::kContinuous) std::fill_n(lane, lane_size, 0.0f);
      if (IsDue(age, header.seen)) {
        due_index = count;
        is_last = IsLast(age);
      }
      lanes_[count++].state = lane;
    }
    if (count < workspaces_ && i + 1 < spec_.lanes) continue;
    const LaneSet due = due_index == kNone ? 0 : LaneSet{1} << due_index;
    const LaneSet all = (LaneSet{1} << count) - 1;
    if (target_.functions->step(packed_.steps, lanes_, count, due) != all) result.is_valid = false;
    if (due_index != kNone) {
      const Result due_result = CopyOutputs(due_index, is_last, output);
      result = {due_result.has_output, result.is_valid && due_result.is_valid};
    }
    due_index = kNone;
    count = 0;
  }
  return result;
}

void Program::StepGroup(float* states, const float* input, std::size_t count, float* output,
                        std::uint8_t* flags) {
  struct Stream {
    Header header;
    int age;
    int index;
  };
  Stream streams[kMaxGroup];
  int stepped = 0;
  LaneSet due = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Stream& stream = streams[i];
    float* const state = states + i * state_size();
    const float* const x = input + i * features();
    stream.index = kNone;
    ReadHeader(state, &stream.header);
    stream.age = stream.header.phase;
    flags[i] = CopyFinite(x, features(), lanes_[stepped].workspace) ? 0 : kFlagRefused;
    if (flags[i] != 0) continue;
    stream.header.seen = std::min(stream.header.seen + 1, kSeenLimit);
    if (stream.age >= spec_.window) continue;
    float* const lane = state + kStateHeaderSize;
    if (stream.age == 0 && spec_.mode != Mode::kContinuous)
      std::fill_n(lane, spec_.lane_state_size, 0.0f);
    lanes_[stepped].state = lane;
    if (IsDue(stream.age, stream.header.seen)) due |= LaneSet{1} << stepped;
    stream.index = stepped++;
  }
  const LaneSet valid = target_.functions->step(packed_.steps, lanes_, stepped, due);
  for (std::size_t i = 0; i < count; ++i) {
    Stream& stream = streams[i];
    float* const state = states + i * state_size();
    float* const y = output + i * output_size();
    if (flags[i] != kFlagRefused) {
      Result result = {false, true};
      if (stream.index != kNone) {
        result.is_valid = (valid >> stream.index & 1) != 0;
        if (result.is_valid && (due >> stream.index & 1) != 0)
          result = CopyOutputs(stream.index, IsLast(stream.age), y);
      }
      flags[i] = Finish(result, state, &stream.header);
      WriteHeader(stream.header, state);
    }
    if ((flags[i] & kFlagOutput) == 0) std::fill_n(y, output_size(), 0.0f);
  }
}

Program::Result Program::StepWindow(float* lane, const Header& header, const float* input,
                                    float* output) {
  const std::size_t size = Index(spec_.window) * features();
  std::copy(lane + features(), lane + size, lane);
  std::copy_n(input, features(), lane + size - features());
  if (!AllFinite(lane, size)) return {false, false};
  const bool is_due =
      header.seen >= spec_.window && header.phase == (spec_.window - 1) % spec_.stride;
  if (!is_due) return {false, true};
  std::copy_n(lane, size, packed_.windows[0]);
  if (!RunWindow(spec_, packed_, target_)) return {false, true};
  for (const OutputSpec& result : spec_.outputs) {
    const ValueSpec& value = spec_.values[Index(result.value)];
    const float* const last =
        packed_.windows[Index(result.value)] + Index(value.steps - 1) * Index(value.size);
    if (!CopyFinite(last, Index(value.size), output)) return {false, false};
    output += value.size;
  }
  return {true, true};
}

/// Gives no output where one of the outputs has no row: neither a fresh one nor, at a window's last
/// step, a held one. The result is invalid where a row is not finite.
Program::Result Program::CopyOutputs(int index, bool is_last, float* output) const {
  bool are_finite = true;
  const Lane& lane = lanes_[index];
  for (const OutputSpec& result : spec_.outputs) {
    const float* row = nullptr;
    if ((packed_.fresh[Index(result.value)] >> index & 1) != 0) {
      row = lane.workspace + packed_.values[Index(result.value)];
    } else if (is_last && result.held_offset != kNone && lane.state[result.holds_offset] == 1) {
      row = lane.state + result.held_offset;
    }
    if (row == nullptr) return {false, true};
    const std::size_t size = Index(spec_.values[Index(result.value)].size);
    are_finite &= CopyFinite(row, size, output);
    output += size;
  }
  return {are_finite, are_finite};
}

}  // namespace lstmd
