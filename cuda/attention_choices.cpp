#include "attention_choices.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "device/cuda_device.h"
#include "device/kernel.h"

namespace primer::cuda {
namespace {

constexpr const char* kOtherwise = "; PRIMER_CUDA_ATTENTION=own computes without it";

bool is_backward(const Instruction& i) { return std::strcmp(kernel_at(i.kernel).name, "attention_backward") == 0; }

std::string text(const char* format, double number) {
  char digits[32];
  std::snprintf(digits, sizeof digits, format, number);
  return digits;
}

std::string microseconds(double seconds) { return text("%.1f us", 1e6 * seconds); }
std::string share(double number) { return text("%.2g", number); }

std::string text(const CudnnAttentionProblem& p) {
  const CudnnAttentionShape& s = p.shape;
  return std::string(p.backward ? "attention_backward" : "attention") + " of " + std::to_string(s.sequences) + " sequences, " + std::to_string(s.longest_queries) +
         " x " + std::to_string(s.longest_keys) + " at most, " + std::to_string(p.query_rows) + " queries, " + std::to_string(p.key_rows) + " keys, " +
         std::to_string(s.heads) + " heads of " + std::to_string(s.width);
}

}  // namespace

AttentionBy attention_by() {
  const char* chosen = std::getenv("PRIMER_CUDA_ATTENTION");
  const std::string name = chosen ? chosen : "own";
  if (name == "own") return AttentionBy::own;
  if (name == "cudnn") return AttentionBy::cudnn;
  if (name == "measured") return AttentionBy::measured;
  throw std::runtime_error("PRIMER_CUDA_ATTENTION is '" + name + "'; expected own, cudnn or measured");
}

bool AttentionChoices::concerns(const Instruction& i) { return is_backward(i) || std::strcmp(kernel_at(i.kernel).name, "attention") == 0; }

AttentionChoices::AttentionChoices(AttentionBy by, CudaDevice& device) : by_(by), device_(device) {
  if (!cudnn::obstacle().empty()) throw std::runtime_error("cuDNN, which PRIMER_CUDA_ATTENTION asks for, cannot be used: " + cudnn::obstacle() + kOtherwise);
  handle_ = cudnn::handle(device.stream());
}

// An engine that is missing is an answer where times decide, an error where cuDNN was asked for.
std::unique_ptr<CudnnAttention> AttentionChoices::planned(const CudnnAttentionProblem& problem) const {
  try {
    return std::make_unique<CudnnAttention>(cudnn::Target{handle_.get(), nullptr}, problem);
  } catch (const cudnn::NoEngine& none) {
    if (by_ == AttentionBy::measured) return nullptr;
    throw std::runtime_error(std::string(none.what()) + kOtherwise);
  }
}

// Null where cuDNN is not asked.
AttentionChoices::Choice* AttentionChoices::choice(const Launch& launch, const Instruction& i) {
  if (!concerns(i) || !CudnnAttention::obstacle(launch, i, is_backward(i)).empty()) return nullptr;
  const auto problem = CudnnAttentionProblem::of(launch, i, is_backward(i));
  auto found = choices_.find(problem);
  if (found == choices_.end()) found = choices_.emplace(problem, Choice{planned(problem)}).first;
  return &found->second;
}

int64_t AttentionChoices::scratch_bytes(const Launch& launch, const Instruction& i) {
  const Choice* c = choice(launch, i);
  return c && c->cudnn ? c->cudnn->scratch_bytes() : 0;
}

void AttentionChoices::choose(const Launch& launch, const Instruction& i, int64_t scratch_bytes) {
  Choice* c = choice(launch, i);
  if (!c) return;
  // The scratch is that of the largest bucket; cuDNN does not promise that smaller ones take less.
  if (c->cudnn && c->cudnn->scratch_bytes() > scratch_bytes) {
    throw std::runtime_error("cuDNN asks for " + std::to_string(c->cudnn->scratch_bytes()) + " bytes of scratch in a bucket, more than the " +
                             std::to_string(scratch_bytes) + " of the largest" + kOtherwise);
  }
  if (!c->decided) decide(launch, i, *c);
}

void AttentionChoices::decide(const Launch& launch, const Instruction& i, Choice& c) const {
  if (!c.cudnn) {
    c.why = "own, cuDNN has no engine";
  } else if (by_ == AttentionBy::cudnn) {
    c.taken = true;
    c.why = "cudnn, as asked for";
  } else {
    const AttentionTrial trial = tried(launch, i, *c.cudnn);
    c.taken = trial.cudnn_seconds < trial.own_seconds;
    c.why = std::string(c.taken ? "cudnn" : "own") + ", measured: cudnn " + microseconds(trial.cudnn_seconds) + ", own " +
            microseconds(trial.own_seconds) + ", " + share(trial.difference) + " apart";
  }
  c.decided = true;
}

AttentionTrial AttentionChoices::tried(const Launch& launch, const Instruction& i, const CudnnAttention& cudnn) const {
  AttentionTrial trial{};
  try {
    trial = try_attention(device_, handle_.get(), launch, i, is_backward(i), cudnn);
  } catch (const std::exception& problem) {
    throw std::runtime_error(std::string("trial of cuDNN beside our own kernels: ") + problem.what() + kOtherwise);
  }
  if (trial.difference <= kAttentionTrialTolerance) return trial;
  throw std::runtime_error("cuDNN's results and those of our own kernels are " + share(trial.difference) + " apart, relative to their norm, where " +
                           share(kAttentionTrialTolerance) + " is allowed" + kOtherwise);
}

bool AttentionChoices::run(const Launch& launch, const Instruction& i) const {
  if (!CudnnAttention::obstacle(launch, i, is_backward(i)).empty()) return false;
  const auto found = choices_.find(CudnnAttentionProblem::of(launch, i, is_backward(i)));
  if (found == choices_.end() || !found->second.decided) throw std::runtime_error("no implementation was chosen for this bucket before its capture");
  if (!found->second.taken) return false;
  found->second.cudnn->run(handle_.get(), launch, i);
  return true;
}

std::string AttentionChoices::report() const {
  std::string lines;
  for (const auto& [problem, choice] : choices_) {
    if (choice.decided) lines += text(problem) + ": " + choice.why + "\n";
  }
  return lines;
}

}  // namespace primer::cuda
