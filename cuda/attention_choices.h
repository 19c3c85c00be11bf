// Which implementation computes attention: our own kernels, or cuDNN's engines where PRIMER_CUDA_ATTENTION asks for them. A device keeps plans and
// choices by shape, so that layers and programs share them; a shape's choice is made once and kept until the process ends.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "attention_trial.h"
#include "cudnn_attention.h"

namespace primer::cuda {

// own: our kernels alone. cudnn: cuDNN wherever it takes the shape (CudnnAttention::obstacle). measured: of those shapes, where it is faster.
enum class AttentionBy { own, cudnn, measured };

// What PRIMER_CUDA_ATTENTION says; own where it is not set. Throws for any other word.
AttentionBy attention_by();

class AttentionChoices {
 public:
  // Whether the instruction is one that there are two implementations of.
  static bool concerns(const Instruction& instruction);

  // Throws a sentence where there is no cuDNN.
  AttentionChoices(AttentionBy by, CudaDevice& device);

  // Scratch of the instruction in the launch's bucket by cuDNN; 0 where it is not asked. Makes the plans.
  int64_t scratch_bytes(const Launch& launch, const Instruction& instruction);
  // Decides for the launch's bucket, with so much scratch: before a capture, as plans take a second and a trial waits for the device.
  void choose(const Launch& launch, const Instruction& instruction, int64_t scratch_bytes);
  // Submits cuDNN's kernels where they were chosen; false where our own are to compute.
  bool run(const Launch& launch, const Instruction& instruction) const;
  // What was decided for each shape, a line each.
  std::string report() const;

 private:
  struct Choice {
    std::unique_ptr<CudnnAttention> cudnn;  // null where it has no engine for the shape
    bool decided = false, taken = false;
    std::string why;
  };

  Choice* choice(const Launch& launch, const Instruction& instruction);
  std::unique_ptr<CudnnAttention> planned(const CudnnAttentionProblem& problem) const;
  AttentionTrial tried(const Launch& launch, const Instruction& instruction, const CudnnAttention& cudnn) const;
  void decide(const Launch& launch, const Instruction& instruction, Choice& choice) const;

  AttentionBy by_;
  CudaDevice& device_;
  cudnn::OwnedHandle handle_;
  std::map<CudnnAttentionProblem, Choice> choices_;
};

}  // namespace primer::cuda
