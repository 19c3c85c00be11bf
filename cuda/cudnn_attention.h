// Attention of packed sequences by cuDNN's fused engines: the formulas of attention and attention_backward, without bias and prefix, on bf16
// copies of their operands.
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "device/cudnn_graph.h"
#include "device/launch.h"

namespace primer::cuda {

// Which keys a query sees: all; those up to its own place from the start; those up to its own place from the end.
enum class Seen { all, from_start, to_end };

struct CudnnAttentionShape {
  int64_t sequences, heads, longest_queries, longest_keys, width;
  Seen seen;
  float scale;

  int64_t d() const { return heads * width; }
  auto operator<=>(const CudnnAttentionShape&) const = default;
};

// Tensors in memory: bf16, [rows, heads, width]; statistics, float32: lse [rows, heads], row_sums [sequences, heads, longest queries];
// for each sequence: first element of its queries, its keys and its lse (int32 [sequences + 1]), and how many rows it has (int32 [sequences]).
enum AttentionTensor : int64_t {
  kTensorQ, kTensorK, kTensorV, kTensorO, kTensorLse, kTensorDo, kTensorDq, kTensorDk, kTensorDv, kTensorRowSums,
  kTensorQueryOffsets, kTensorKeyOffsets, kTensorLseOffsets, kTensorQueries, kTensorKeys
};

// o and lse of q, k, v.
cudnn::Plan attention_plan(const cudnn::Target& target, const CudnnAttentionShape& shape);
// dq, dk, dv of q, k, v, o, do and lse; row_sums is overwritten. Gradients are bf16 and dq is a product of its own: then cuDNN's engine for Hopper
// keeps dS in its workspace and adds in a fixed order. With float32 gradients it adds up dq atomically, and no numerical note says so; a plan without
// room for dS is refused.
cudnn::Plan attention_backward_plan(const cudnn::Target& target, const CudnnAttentionShape& shape);

// What an instruction's plans and memory depend on, in one bucket.
struct CudnnAttentionProblem {
  CudnnAttentionShape shape;
  int64_t query_rows, key_rows;  // of all sequences together, at most
  bool backward;

  static CudnnAttentionProblem of(const Launch& launch, const Instruction& instruction, bool backward);
  auto operator<=>(const CudnnAttentionProblem&) const = default;
};

// An instruction `attention` or `attention_backward` so computed, in one bucket. The backward pass computes o again, as the op does not save it.
class CudnnAttention {
 public:
  // Why cuDNN cannot take the instruction, a clause; empty where it may.
  static std::string obstacle(const Launch& launch, const Instruction& instruction, bool backward);

  // Makes the plans: neither in a capture nor often, each takes about a second. Throws NoEngine where cuDNN has none for them.
  CudnnAttention(const cudnn::Target& target, const CudnnAttentionProblem& problem);

  int64_t scratch_bytes() const;
  // Submits its kernels to launch.stream, which is the handle's.
  void run(cudnn::Handle handle, const Launch& launch, const Instruction& instruction) const;

 private:
  int64_t workspace_bytes() const;

  CudnnAttentionProblem problem_;
  cudnn::Plan forward_;
  std::optional<cudnn::Plan> backward_;
};

}  // namespace primer::cuda
