// attention_backward: with P = exp(s q k^T + b - lse), dP = do v^T, D = rowsum(P * dP), dS = P * (dP - D), columns as in attention.cu:
//   dq = s dS k, dk = s dS^T q, dv = P^T do,   prefix: the same for its columns, summed over a lane's sequences,
//   dbias[bucket] = sum of dS over the lane's pairs in that bucket.
// All overwrite; each may be left out, and what only it needs is not computed. Saved: q, k, v, lse. Accumulation: float32.
// P is computed again from lse, tile by tile (Dao et al. 2022); nothing of the scores' size is in memory. Two kernels, so that each sum has
// one owner and no atomics are needed:
//   by queries: a block has 64 queries of a sequence and head. It goes over the columns once for D, which the op is not given (rowsum(do * o),
//     but o would have to be kept), and once back for dq and dbias; the last tile of columns stays where it is.
//   by columns: a block has 64 columns, goes over the queries that see them and owns dk and dv. Of a prefix, each sequence's part goes to
//     scratch and is added up afterwards, sequences ascending; so are dbias's parts, one a block.
// In bf16 a block has 256 queries or columns (128 of heads wider than 64) where sequences are long enough and enough of them, and a sequence of
// one tile is the first kernel's alone, which then makes dk and dv from the same P and dS (heads of up to 64 columns).
// Rounding of factors as in attention.cu: q, k, v, do, P and dS to bf16 in a program of bf16; D, dS before it is a factor, and dbias are float32.
// Floor on one H200: bytes, 4 (3 Tq + 4 Tk) d; FLOP, 10 d sum(queries keys), five products, of which nine are computed where there is
// more than one tile: 18 d sum(queries keys). Computed, not measured:
//   32 x 512 tokens, d 768: 352 MB 82 us, 64 GFLOP 82 us (bf16), 0.96 ms (float32). In bf16 116 GFLOP are computed, 200 us at 0.6 of the peak, and
//   0.6 GB come from L2: 220 to 300 us expected, where 0.6 is assumed, not counted from instructions. In float32 2.4 GB do: 2.6 ms, were the FMAs at two
//   thirds of their rate, as in attention.cu. An o among the operands would save two of the nine products.
//   8 x 30 tokens: 5 MB, 55 MFLOP; two kernels of 96 blocks and one tile: 8 us by latency.
#include "attention_backward_fp32.cuh"
#include "attention_choices.h"
#include "attention_column_gradients_bf16.cuh"
#include "attention_query_gradients_bf16.cuh"
#include "device/kernel.h"

namespace primer::cuda {
namespace {

// operands do, those of AttentionOperands, lse, dq, dk, dv, dbias, dprefix keys, dprefix values
enum Operands { kDo, kForward, kLse = kForward + kAttentionOperands, kGradient, kOperands = kGradient + static_cast<int>(kGradients) };

// A statistic of each query and head: D.
GradientScratch scratch_of(const Instruction& i) { return {i, i.operands.data() + kForward, i.operands.data() + kGradient, 1}; }

void launch_float32(const Launch& launch, const AttentionShape& s, const BackwardOperands& b, const Operand* f) {
  with_width(s.width, [&]<int kWidth>() {
    if (b.scores_asked()) launch_sharing<Float32QueryTiles<kWidth>>(launch, query_gradients_kernel<kWidth>, query_grid(launch, s, f), kAttentionThreads, s, b);
    if (b.columns_asked()) launch_sharing<Float32ColumnTiles<kWidth>>(launch, column_gradients_kernel<kWidth>, column_grid(launch, s, f), kAttentionThreads, s, b);
  });
}

template <class Parts, int kWidth>
void launch_bf16(const Launch& launch, const AttentionShape& s, const BackwardOperands& b, const Operand* f) {
  const dim3 queries = query_grid(launch, s, f), columns = column_grid(launch, s, f);
  if (b.scores_asked()) launch_sharing<Bf16QueryTiles<Parts, kWidth>>(launch, query_gradients_bf16_kernel<Parts, kWidth>, queries, Parts::kThreads, s, b);
  if (b.columns_asked()) launch_sharing<Bf16ColumnTiles<Parts, kWidth>>(launch, column_gradients_bf16_kernel<Parts, kWidth>, columns, Parts::kThreads, s, b);
}

void attention_backward(const Launch& launch, const Instruction& i) {
  if (launch.attention && launch.attention->run(launch, i)) return;
  const Operand *o = i.operands.data(), *f = o + kForward;
  AttentionShape s = attention_shape(launch, i, f);
  const BackwardOperands b{{launch, scratch_of(i), o + kGradient}, launch.data<const float>(o[kDo]), launch.data<const float>(f[kQ]), launch.data<const float>(o[kLse]),
                           key_source(launch, f[kK], f[kPrefixKeys]), key_source(launch, f[kV], f[kPrefixValues])};
  if (launch.precision != Precision::bf16) {
    launch_float32(launch, s, b, f);
  } else {
    with_parts(launch, s, f, [&]<class Parts, int kWidth>() {
      s.part = Parts::kRows;
      launch_bf16<Parts, kWidth>(launch, s, b, f);
    });
  }
  add_parts(launch, s, b, o + kGradient);
}

int64_t scratch(const Instruction& i, int64_t) { return scratch_of(i).bytes; }

PRIMER_REGISTER("attention_backward", kOperands, attention_backward, nullptr, scratch)

}  // namespace
}  // namespace primer::cuda
