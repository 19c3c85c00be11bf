// attention_backward by queries, on tensor cores: dq, dbias's parts and D = rowsum(P * dP). Once over the columns for D, then back, the last tile kept,
// so that a sequence of one tile is gone over once; where all of it is one tile, the block makes dk and dv too, from the same P and dS.
#pragma once

#include "attention_backward_bf16.cuh"

namespace primer::cuda {

// P or dS of a sequence that is one tile, by queries and columns: what other warps wrote is the factor of a product over the queries.
template <class Parts, int kColumns>
struct WholeScores {
  Tile<Parts::kRows, kColumns> p, ds;

  static __device__ __forceinline__ void put(Bf16* tile, const Sums<kColumns>& sums) {
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; e += 2) {
        *reinterpret_cast<uint32_t*>(tile + piece_at<kColumns>(Parts::warp_row() + row_in_strip(e), n) + column_of(0, 0)) = bf16_pair(sums[n][e], sums[n][e + 1]);
      }
    }
  }
};

// Columns of such a tile as rows of a factor, from column `first` on, a strip of them; terms are queries.
template <int kColumns>
struct OfColumns {
  const Bf16* tile;
  int first;
  __device__ __forceinline__ void operator()(int, int t, uint32_t (&a)[4]) const {
    const int l = warp_lane();
    load_matrices_transposed(a, tile + piece_at<kColumns>(t + l / 16 * 8 + l % 8, first / 8 + l / 8 % 2));
  }
};

template <class Parts, int kWidth>
struct Bf16QueryTiles {
  static constexpr int kColumns = kBackwardColumns<Parts, kWidth>;
  Tile<Parts::kRows, kWidth> q, d_o;
  Tile<kColumns, kWidth> k[2], v[2];
  Diagonals<kColumns, Parts::kRows, Parts::kThreads> diagonals[2];
  union {
    BiasSums<kColumns, Parts::kRows, Parts::kThreads> bias;
    WholeScores<Parts, kColumns> whole;
  };
};

// dk and dv of a sequence whose P and dS are in tiles.whole, a strip of columns a warp. By the whole block, behind a barrier.
template <class Parts, int kWidth>
__device__ __forceinline__ void store_whole(Bf16QueryTiles<Parts, kWidth>& tiles, const AttentionShape& s, const BackwardOperands& operands, const Part& p, int32_t head) {
  constexpr int kColumns = kBackwardColumns<Parts, kWidth>;
  const int32_t columns = s.prefix + p.keys;
  const int top = Parts::warp_row();
  if (top >= columns) return;
  const auto store = [&](const Bf16* weights, const Bf16* rows, float factor, float* own, float* prefix) {
    if (!own && !prefix) return;
    StripSums<1, kWidth> sums;
    clear<1, kWidth>(sums);
    mix<1, Parts::kRows, kWidth>(OfColumns<kColumns>{weights, top}, rows, sums);
    const KeyRows<float> to = gradient_rows(s, p, head, own, prefix);
    store_strips<Parts, kWidth>(sums, factor, columns, s, [&](int32_t r) { return to(r); });
  };
  store(tiles.whole.ds.numbers, tiles.q.numbers, s.scale, operands.dk, operands.prefix_keys);
  store(tiles.whole.p.numbers, tiles.d_o.numbers, 1, operands.dv, operands.prefix_values);
}

template <class Parts, int kWidth>
__global__ void __launch_bounds__(Parts::kThreads, Parts::kBlocks) query_gradients_bf16_kernel(AttentionShape s, BackwardOperands operands) {
  constexpr int kDown = Parts::kDown, kColumns = kBackwardColumns<Parts, kWidth>;
  auto& tiles = dynamic_shared<Bf16QueryTiles<Parts, kWidth>>();
  const int32_t head = static_cast<int32_t>(blockIdx.y);
  clear_bias_part(operands, s);
  Part p;
  if (!s.find(s.query_parts(), static_cast<int32_t>(blockIdx.x), p)) return;
  const int32_t rows = p.queries - p.first < Parts::kRows ? p.queries - p.first : Parts::kRows;
  const int32_t columns = s.visible(p, p.first + rows - 1), count = (columns + kColumns - 1) / kColumns;
  const int top = Parts::warp_row();
  // Columns that some query of the warp sees.
  const int32_t busy = top < rows ? s.visible(p, p.first + top + Parts::kWarpRows - 1) : 0;
  const bool second = operands.dq || operands.bias_parts, whole = one_tile<Parts, kWidth>(s, p) && operands.columns_asked();
  const KeyRows<const float> keys = s.key_rows(operands.k, p, head), values = s.key_rows(operands.v, p, head);
  Staged<Parts, kColumns, kWidth> some;
  const auto source = [&](const KeyRows<const float>& from, int32_t first) {
    return Source{s, columns - first, [&from, first](int32_t r) { return from.row(first + r); }};
  };
  const auto fill = [&](int buffer, int32_t first) { tiles.diagonals[buffer].fill(s, p, head, s.relative(p, p.first + Parts::kRows - 1, first), 1); };
  stage<Parts, Parts::kRows, kWidth>(tiles.q.numbers, s, rows, [&](int32_t r) { return s.query_rows(operands.q, p, head, p.first + r); });
  stage<Parts, Parts::kRows, kWidth>(tiles.d_o.numbers, s, rows, [&](int32_t r) { return s.query_rows(operands.d_o, p, head, p.first + r); });
  some.load(source(keys, 0));
  some.put(source(keys, 0), tiles.k[0].numbers);
  some.load(source(values, 0));
  some.put(source(values, 0), tiles.v[0].numbers);
  fill(0, 0);
  __syncthreads();
  const float unit = s.scale * kLog2E;
  const auto statistic = [&](int r) { return (static_cast<int64_t>(p.first_query + p.first) + r) * s.heads + head; };
  float lse[kDown][2], mean[kDown][2];
#pragma unroll
  for (int m = 0; m < kDown; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int r = top + m * kStrip + row_in_strip(2 * half);
      lse[m][half] = r < rows ? kLog2E * operands.lse[statistic(r)] : INFINITY;  // no probability behind the last query
      mean[m][half] = 0;
    }
  }
  StripSums<kDown, kWidth> dq;
  clear<kDown, kWidth>(dq);
  int buffer = 0;
#pragma unroll 1
  for (int32_t visit = 0, visits = second ? 2 * count - 1 : count; visit < visits; ++visit, buffer ^= 1) {
    const int32_t first = (visit < count ? visit : 2 * count - 2 - visit) * kColumns, next = (visit + 1 < count ? visit + 1 : 2 * count - 3 - visit) * kColumns;
    const bool more = visit + 1 < visits, seen = first < busy;
    StripSums<kDown, kColumns> probability, ds;
    if (more) some.load(source(keys, next));
    if (seen) multiply<kDown, kWidth, kColumns>(OfTile<kWidth>{tiles.q.numbers, top}, tiles.k[buffer].numbers, probability);
    if (more) {
      some.put(source(keys, next), tiles.k[buffer ^ 1].numbers);
      some.load(source(values, next));
      fill(buffer ^ 1, next);
    }
    if (seen) {
      finish_by_queries<Parts, kColumns>(s, p, tiles.diagonals[buffer], first, probability);
      to_probabilities<kDown, kColumns>(unit, [&](int m, int, int e) { return lse[m][e / 2]; }, probability);
      multiply<kDown, kWidth, kColumns>(OfTile<kWidth>{tiles.d_o.numbers, top}, tiles.v[buffer].numbers, ds);
      if (visit < count) add_means<kDown, kColumns>(probability, ds, mean);
    } else {
      clear<kDown, kColumns>(probability);
      clear<kDown, kColumns>(ds);
    }
    if (visit == count - 1) {
#pragma unroll
      for (int m = 0; m < kDown; ++m) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          mean[m][half] = quad_sum(mean[m][half]);
          const int r = top + m * kStrip + row_in_strip(2 * half);
          if (r < rows && warp_lane() % 4 == 0) operands.statistics[statistic(r)] = mean[m][half];
        }
      }
    }
    if (visit >= count - 1) {
      center<kDown, kColumns>(probability, [&](int m, int, int e) { return mean[m][e / 2]; }, ds);
      if (seen && operands.dq) mix<kDown, kColumns, kWidth>(OfSums<kDown, kColumns>{ds}, tiles.k[buffer].numbers, dq);
      if (operands.bias_parts) {
#pragma unroll
        for (int m = 0; m < kDown; ++m) tiles.bias.put(ds[m], top + m * kStrip);
        __syncthreads();
        tiles.bias.add(tiles.diagonals[buffer], s.prefix > first ? s.prefix - first : 0, operands.buckets, operands.bias_part(s));
      }
      if constexpr (kTakesWhole<Parts, kWidth>) {
        if (whole) {
          __syncthreads();  // the bias's sums lie where P and dS go
          tiles.whole.put(tiles.whole.p.numbers, probability[0]);
          tiles.whole.put(tiles.whole.ds.numbers, ds[0]);
          __syncthreads();
          store_whole<Parts, kWidth>(tiles, s, operands, p, head);
        }
      }
    }
    if (more) some.put(source(values, next), tiles.v[buffer ^ 1].numbers);
    __syncthreads();
  }
  if (busy == 0 || !operands.dq) return;
  store_strips<Parts, kWidth>(dq, s.scale, rows, s, [&](int32_t r) { return s.query_rows(operands.dq, p, head, p.first + r); });
}

}  // namespace primer::cuda
