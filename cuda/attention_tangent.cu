// attention_tangent: how attention's output moves with its inputs. Per sequence and head, with S and P as in attention_backward.cu:
//   S' = s (q' k^T + q k'^T) + b',   P' = P * (S' - rowsum(P * S')),   o' = P' v + P v';   prefix keys and values likewise.
// Inputs: the forward's, its lse, and the tangents of q, k, v, bias, prefix keys and values, of their primals' shapes, each
// left out where it is zero; one at least is there. Overwrites o'. Saved: q, k, v, lse. Accumulation: float32 by FMA in any precision.
// As P is known from lse, o' = sum of P S' v + P v' - m sum of P v with m = rowsum(P * S'): one pass over the keys, by tiles as in attention.cu.
// Floor: 10 FLOP for each pair and column of a head (12 with v'), no score in memory; at 67 TFLOP/s (float32) 768 columns and 8 sequences
// of 128: 15 us by FLOP.
#include "attention_moves.cuh"
#include "device/kernel.h"
#include "device/shared.cuh"

namespace primer::cuda {
namespace {

template <int kWidth>
struct TangentTiles {
  static constexpr int kColumns = moved_columns_of(kWidth);
  MovedRows<kTile, kWidth> q;
  MovedRows<kColumns, kWidth> k, v;
  Float32Math::Strips<kColumns> strips;
  MovedDiagonals<kColumns> diagonals;
  float lse[kTile];
};

struct TangentOperands {
  const float *q, *lse;
  KeySource<const float> k, v;
  Moved moved;
  float* moved_o;
};

template <int kWidth>
__global__ void __launch_bounds__(kAttentionThreads) attention_tangent_kernel(AttentionShape s, TangentOperands operands) {
  constexpr int kColumns = moved_columns_of(kWidth);
  using Math = Float32Math;
  auto& tiles = dynamic_shared<TangentTiles<kWidth>>();
  const Moved& m = operands.moved;
  Part p;
  if (!s.find(s.query_parts(), static_cast<int32_t>(blockIdx.x), p)) return;
  const int32_t head = static_cast<int32_t>(blockIdx.y), rows = p.queries - p.first < kTile ? p.queries - p.first : kTile;
  const int32_t columns = s.visible(p, p.first + rows - 1);
  const bool busy = strip_row() < rows;
  load_queries(tiles.q, s, p, head, p.first, operands.q, m.q);
  for (int32_t r = static_cast<int32_t>(threadIdx.x); r < rows; r += kAttentionThreads) {
    tiles.lse[r] = operands.lse[static_cast<int64_t>(p.first_query + p.first + r) * s.heads + head];
  }
  Sums<kWidth> sums = {}, still = {};
  float mean[2] = {0, 0};
  for (int32_t first = 0; first < columns; first += kColumns) {
    if (first > 0) __syncthreads();
    load_keys(tiles.k, s, p, head, first, operands.k, m.k, m.keys);
    load_keys(tiles.v, s, p, head, first, operands.v, m.v, m.values);
    tiles.diagonals.fill(s, m, p, head, s.relative(p, p.first + kTile - 1, first), 1);
    __syncthreads();
    if (!busy) continue;
    Sums<kColumns> probability, weights;
    Math::products<kWidth, kColumns>(tiles.q.still, tiles.k.still, probability);
    products_tangent<kWidth, kColumns>(tiles.q, m.q, tiles.k, m.keys, weights);
    finish_moved<true, kColumns>(s, m, p, tiles.diagonals, first, tiles.lse, probability, weights);
    if (m.values) Math::mix<kWidth, kColumns>(probability, tiles.strips, tiles.v.moved, sums);
    if (!m.scores) continue;
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) mean[e / 2] += weights[n][e] *= probability[n][e];
    }
    Math::mix<kWidth, kColumns>(weights, tiles.strips, tiles.v.still, sums);
    Math::mix<kWidth, kColumns>(probability, tiles.strips, tiles.v.still, still);
  }
  if (!busy) return;
  const float means[2] = {quad_sum(mean[0]), quad_sum(mean[1])}, whole[2] = {1, 1};
#pragma unroll
  for (int n = 0; n < kWidth / kGroup; ++n) {
#pragma unroll
    for (int e = 0; e < 4; ++e) sums[n][e] -= means[e / 2] * still[n][e];
  }
  store_strip<kWidth>(sums, whole, strip_row(), rows, s, [&](int32_t r) { return s.query_rows(operands.moved_o, p, head, p.first + r); });
}

// operands as AttentionOperands, lse, those of MovedOperands, o'
enum Operands { kLse = kAttentionOperands, kMoved, kMovedO = kMoved + kMovedOperands, kOperands };

void attention_tangent(const Launch& launch, const Instruction& i) {
  const Operand* o = i.operands.data();
  const AttentionShape s = attention_shape(launch, i, o);
  const TangentOperands operands{launch.data<const float>(o[kQ]), launch.data<const float>(o[kLse]), key_source(launch, o[kK], o[kPrefixKeys]),
                                 key_source(launch, o[kV], o[kPrefixValues]), moved_operands(launch, o + kMoved), launch.data<float>(o[kMovedO])};
  const dim3 grid = query_grid(launch, s, o);
  with_width(s.width, [&]<int kWidth>() {
    launch_sharing<TangentTiles<kWidth>>(launch, attention_tangent_kernel<kWidth>, grid, kAttentionThreads, s, operands);
  });
}

PRIMER_REGISTER("attention_tangent", kOperands, attention_tangent, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
