// What surrounds cuDNN's attention: bf16 copies of float32 rows, and where each sequence lies, read on the device so that a captured graph serves
// every batch of its bucket. Floor: 6 bytes a number copied, which for short sequences is more than attention itself moves.
#include "cudnn_attention.h"

#include <algorithm>

#include "device/bf16.cuh"
#include "device/loops.cuh"
#include "device/pieces.h"

namespace primer::cuda {
namespace {

enum Operands : size_t { kQ, kK, kV, kQueryOffsets, kKeyOffsets, kBias, kPrefixKeys, kPrefixValues, kO, kLse };
// Of the backward op: do comes before the forward's inputs, lse and the gradients behind them.
enum BackwardOperands : size_t { kDo, kSavedLse = 9, kDq, kDk, kDv };

// Widths that both engines take: whole vectors of bf16, one tile.
constexpr int64_t kWidthGrain = 8, kMostWidth = 128;
constexpr int64_t kMostElements = 0x7FFFFFFF;

struct Inputs {
  const Instruction& instruction;
  bool backward;
  const Operand& operator[](size_t forward) const { return instruction.operands[forward + (backward ? 1 : 0)]; }
};

bool same(const Operand& a, const Operand& b) { return a.space == b.space && a.offset == b.offset; }

CudnnAttentionShape shape_of(const Launch& launch, const Inputs& in) {
  const std::vector<int64_t>& sizes = in.instruction.integers;
  const Seen seen = sizes[1] == 0 ? Seen::all : same(in[kQueryOffsets], in[kKeyOffsets]) ? Seen::from_start : Seen::to_end;
  return {launch.most_rows(in[kQueryOffsets]), sizes[0], sizes[2], sizes[3], in[kQ].cols / sizes[0], seen, static_cast<float>(in.instruction.reals[0])};
}

struct Buffers {
  int32_t *query_offsets, *key_offsets, *lse_offsets, *queries, *keys;
  Bf16 *q, *k, *v, *o;
  char* workspace;
  // Of the backward pass.
  Bf16 *d_o, *dq, *dk, *dv;
  float *lse, *row_sums;

  Buffers(Pieces& pieces, const CudnnAttentionProblem& p, int64_t workspace_bytes) {
    const CudnnAttentionShape& s = p.shape;
    for (int32_t** offsets : {&query_offsets, &key_offsets, &lse_offsets}) *offsets = pieces.take<int32_t>(s.sequences + 1);
    for (int32_t** counts : {&queries, &keys}) *counts = pieces.take<int32_t>(s.sequences);
    for (Bf16** rows : {&q, &o}) *rows = pieces.take<Bf16>(p.query_rows * s.d());
    for (Bf16** rows : {&k, &v}) *rows = pieces.take<Bf16>(p.key_rows * s.d());
    workspace = pieces.take<char>(workspace_bytes);
    if (!p.backward) return;
    for (Bf16** rows : {&d_o, &dq}) *rows = pieces.take<Bf16>(p.query_rows * s.d());
    for (Bf16** rows : {&dk, &dv}) *rows = pieces.take<Bf16>(p.key_rows * s.d());
    lse = pieces.take<float>(p.query_rows * s.heads);
    row_sums = pieces.take<float>(s.sequences * s.heads * s.longest_queries);
  }
};

// Sequences behind the batch's are empty.
__global__ void sequences_kernel(Rows sequences, const int32_t* queries, const int32_t* keys, int64_t most, int32_t heads, int32_t d, Buffers b) {
  const int64_t count = sequences.total();
  for (int64_t n = first_number(); n <= most; n += number_step()) {
    const int64_t at = n < count ? n : count;
    b.query_offsets[n] = queries[at] * d;
    b.key_offsets[n] = keys[at] * d;
    b.lse_offsets[n] = queries[at] * heads;
    if (n == most) continue;
    b.queries[n] = n < count ? queries[n + 1] - queries[n] : 0;
    b.keys[n] = n < count ? keys[n + 1] - keys[n] : 0;
  }
}

// Rows behind the batch's become 0: what a tile reads there is multiplied by 0, which not every bit pattern survives.
__global__ void narrow_kernel(const float2* from, Rows rows, int64_t pairs_a_row, int64_t pairs, uint32_t* to) {
  const int64_t there = rows.total() * pairs_a_row;
  for (int64_t e = first_number(); e < pairs; e += number_step()) {
    const float2 x = e < there ? from[e] : make_float2(0.0f, 0.0f);
    to[e] = bf16_pair(x.x, x.y);
  }
}

__global__ void widen_kernel(const uint32_t* from, Rows rows, int64_t pairs_a_row, float2* to) {
  const int64_t there = rows.total() * pairs_a_row;
  for (int64_t e = first_number(); e < there; e += number_step()) {
    to[e] = make_float2(__uint_as_float(from[e] << 16), __uint_as_float(from[e] & 0xFFFF0000u));
  }
}

void narrow(const Launch& launch, const Operand& from, Bf16* to) {
  const int64_t pairs = launch.most_rows(from) * from.cols / 2;
  launch(narrow_kernel, blocks_for_numbers(launch, pairs), kThreads, 0, reinterpret_cast<const float2*>(launch.data<const float>(from)), launch.rows(from),
         from.cols / 2, pairs, reinterpret_cast<uint32_t*>(to));
}

void widen(const Launch& launch, const Bf16* from, const Operand& to) {
  if (!launch.present(to)) return;
  launch(widen_kernel, blocks_for_numbers(launch, launch.most_rows(to) * to.cols / 2), kThreads, 0, reinterpret_cast<const uint32_t*>(from), launch.rows(to),
         to.cols / 2, reinterpret_cast<float2*>(launch.data<float>(to)));
}

}  // namespace

std::string CudnnAttention::obstacle(const Launch& launch, const Instruction& instruction, bool backward) {
  const Inputs in{instruction, backward};
  if (!cudnn::obstacle().empty()) return cudnn::obstacle();
  if (instruction.dtype != DType::f32 || launch.precision != Precision::bf16) return "it computes in bf16 only";
  if (launch.present(in[kBias]) || launch.present(in[kPrefixKeys])) return "a bias or prefix is left to the own kernels";
  const CudnnAttentionShape s = shape_of(launch, in);
  if (s.width % kWidthGrain != 0 || s.width > kMostWidth) return "heads are " + std::to_string(s.width) + " wide, not a multiple of 8 up to 128";
  if (std::max(launch.most_rows(in[kQ]), launch.most_rows(in[kK])) * s.d() > kMostElements) return "offsets of so many rows do not fit 32 bits";
  return "";
}

CudnnAttentionProblem CudnnAttentionProblem::of(const Launch& launch, const Instruction& instruction, bool backward) {
  const Inputs in{instruction, backward};
  return {shape_of(launch, in), launch.most_rows(in[kQ]), launch.most_rows(in[kK]), backward};
}

CudnnAttention::CudnnAttention(const cudnn::Target& target, const CudnnAttentionProblem& problem) : problem_(problem), forward_(attention_plan(target, problem.shape)) {
  if (problem.backward) backward_ = attention_backward_plan(target, problem.shape);
}

int64_t CudnnAttention::workspace_bytes() const { return std::max(forward_.workspace_bytes(), backward_ ? backward_->workspace_bytes() : 0); }

int64_t CudnnAttention::scratch_bytes() const {
  Pieces pieces(nullptr);
  Buffers(pieces, problem_, workspace_bytes());
  return pieces.bytes();
}

void CudnnAttention::run(cudnn::Handle handle, const Launch& launch, const Instruction& instruction) const {
  const CudnnAttentionShape& shape = problem_.shape;
  const Inputs in{instruction, problem_.backward};
  Pieces pieces(launch.scratch);
  const Buffers b(pieces, problem_, workspace_bytes());
  launch(sequences_kernel, blocks_for_numbers(launch, shape.sequences + 1), kThreads, 0, launch.rows(in[kQueryOffsets]),
         launch.data<const int32_t>(in[kQueryOffsets]), launch.data<const int32_t>(in[kKeyOffsets]), shape.sequences, static_cast<int32_t>(shape.heads),
         static_cast<int32_t>(shape.d()), b);
  narrow(launch, in[kQ], b.q);
  narrow(launch, in[kK], b.k);
  narrow(launch, in[kV], b.v);
  float* lse = in.backward ? b.lse : launch.data<float>(instruction.operands[kLse]);
  std::map<int64_t, void*> tensors{{kTensorQ, b.q}, {kTensorK, b.k}, {kTensorV, b.v}, {kTensorO, b.o}, {kTensorLse, lse},
                                   {kTensorQueryOffsets, b.query_offsets}, {kTensorKeyOffsets, b.key_offsets}, {kTensorLseOffsets, b.lse_offsets},
                                   {kTensorQueries, b.queries}, {kTensorKeys, b.keys}};
  forward_.run(handle, tensors, b.workspace);
  if (!in.backward) return widen(launch, b.o, instruction.operands[kO]);
  narrow(launch, instruction.operands[kDo], b.d_o);
  tensors[kTensorLse] = launch.data<float>(instruction.operands[kSavedLse]);
  tensors.insert({{kTensorDo, b.d_o}, {kTensorDq, b.dq}, {kTensorDk, b.dk}, {kTensorDv, b.dv}, {kTensorRowSums, b.row_sums}});
  backward_->run(handle, tensors, b.workspace);
  widen(launch, b.dq, instruction.operands[kDq]);
  widen(launch, b.dk, instruction.operands[kDk]);
  widen(launch, b.dv, instruction.operands[kDv]);
}

}  // namespace primer::cuda
