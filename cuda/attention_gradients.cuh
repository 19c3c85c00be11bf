// What attention_backward and its tangent share: where gradients go, and how several blocks add to them without atomics.
#pragma once

#include "attention_tiles.cuh"

namespace primer::cuda {

// Gradients by attention's inputs, in the order of the output operands.
enum Gradients { kQGradient, kKGradient, kVGradient, kBiasGradient, kPrefixKeysGradient, kPrefixValuesGradient, kGradients };

// An instruction's scratch, by the most rows that there can be: statistics of each query and head, and the parts of what several blocks add up.
struct GradientScratch {
  int64_t statistics, bias, prefix, buckets, bytes;

  GradientScratch(const Instruction& i, const Operand* forward, const Operand* gradients, int64_t numbers) {
    const Operand &q = forward[kQ], &offsets = forward[kQueryOffsets], &prefix_keys = forward[kPrefixKeys];
    const auto present = [&](int gradient) { return gradients[gradient].space != Space::none; };
    buckets = present(kBiasGradient) ? gradients[kBiasGradient].rows : 0;
    statistics = q.rows * i.integers[0] * numbers;
    bias = Cut::slots(q.rows, offsets.rows, 0, kTile) * i.integers[0] * buckets;
    prefix = present(kPrefixKeysGradient) || present(kPrefixValuesGradient) ? offsets.rows * prefix_keys.rows * q.cols : 0;
    for (int64_t* floats : {&statistics, &bias, &prefix}) *floats = ceil_div(*floats, 4) * 4;
    bytes = 4 * (statistics + bias + 2 * prefix);
  }
};

// Where gradients go, and their parts in scratch; null where nobody asks for what they become.
struct GradientPlaces {
  float *dq, *dk, *dv;
  float *statistics, *bias_parts, *prefix_keys, *prefix_values;
  int32_t buckets;

  GradientPlaces(const Launch& launch, const GradientScratch& scratch, const Operand* gradients)
      : dq(launch.data<float>(gradients[kQGradient])), dk(launch.data<float>(gradients[kKGradient])), dv(launch.data<float>(gradients[kVGradient])),
        statistics(reinterpret_cast<float*>(launch.scratch)), buckets(static_cast<int32_t>(scratch.buckets)) {
    float* bias = statistics + scratch.statistics;
    bias_parts = launch.present(gradients[kBiasGradient]) ? bias : nullptr;
    prefix_keys = launch.present(gradients[kPrefixKeysGradient]) ? bias + scratch.bias : nullptr;
    prefix_values = launch.present(gradients[kPrefixValuesGradient]) ? bias + scratch.bias + scratch.prefix : nullptr;
  }

  __host__ __device__ bool scores_asked() const { return dq || dk || bias_parts || prefix_keys; }
  __host__ __device__ bool columns_asked() const { return dk || dv || prefix_keys || prefix_values; }
  __device__ bool own_columns_asked() const { return dk || dv; }
  __device__ float* bias_part(const AttentionShape& s) const {
    return bias_parts + (static_cast<int64_t>(blockIdx.x) * s.heads + blockIdx.y) * buckets;
  }
};

// What attention_backward reads, and where its gradients go.
struct BackwardOperands : GradientPlaces {
  const float *d_o, *q, *lse;
  KeySource<const float> k, v;
};

// dS of a tile of scores, and what its diagonals add up to.
template <int kColumns, int kRows = kTile, int kThreads = kAttentionThreads>
struct BiasSums {
  using Places = Diagonals<kColumns, kRows, kThreads>;
  float ds[kRows][kColumns + 1], diagonal[Places::kCount];

  // Of the strip from row `strip` on.
  __device__ __forceinline__ void put(const Sums<kColumns>& sums, int strip) {
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) ds[strip + row_in_strip(e)][column_of(n, e)] = sums[n][e];
    }
  }

  // sums[bucket] += the tile's dS of that bucket in own keys' columns, of which the first is `from`. By the whole block, behind a barrier.
  __device__ __forceinline__ void add(const Places& diagonals, int from, int32_t buckets, float* sums) {
    for (int e = static_cast<int>(threadIdx.x); e < Places::kCount; e += kThreads) {
      float sum = 0;
      const int start = e - (kRows - 1) > from ? e - (kRows - 1) : from;
      for (int c = start, r = c - e + kRows - 1; c < kColumns && r < kRows; ++c, ++r) sum += ds[r][c];
      diagonal[e] = sum;
    }
    __syncthreads();
    for (int32_t b = static_cast<int32_t>(threadIdx.x) / kWarp; b < buckets; b += kThreads / kWarp) {
      float sum = 0;
      for (int e = warp_lane(); e < Places::kCount; e += kWarp) sum += diagonals.bucket[e] == b ? diagonal[e] : 0.0f;
      sum = warp_sum(sum);
      if (warp_lane() == 0) sums[b] += sum;
    }
  }
};

// The part of dbias that a slot without queries has.
__device__ __forceinline__ void clear_bias_part(const GradientPlaces& to, const AttentionShape& s) {
  for (int32_t b = static_cast<int32_t>(threadIdx.x); to.bias_parts && b < to.buckets; b += static_cast<int32_t>(blockDim.x)) to.bias_part(s)[b] = 0;
}

// Where a column's gradient goes: that of a prefix to the sequence's part.
__device__ __forceinline__ KeyRows<float> gradient_rows(const AttentionShape& s, const Part& p, int32_t head, float* own, float* prefix_parts) {
  return s.key_rows(KeySource<float>{own, {prefix_parts ? prefix_parts + p.sequence * s.prefix * s.d : nullptr, 0}}, p, head);
}

// Of a lane's parts, which lie one behind the other, `n` numbers apart.
inline void add_prefix_parts(const Launch& launch, const Operand& gradient, Rows sequences, const float* parts) {
  if (!launch.present(gradient)) return;
  const Laned<float> to = launch.laned<float>(gradient);
  const int64_t n = gradient.rows * gradient.cols;
  for_copies(launch, launch.lanes, n, [=] __device__(int32_t lane, int64_t e) {
    float sum = 0;
    for (int32_t q = sequences.begin(lane); q < sequences.end(lane); ++q) sum += parts[q * n + e];
    to.of(lane)[e] = sum;
  });
}

inline void add_bias_parts(const Launch& launch, const Operand& gradient, const AttentionShape& s, const float* parts) {
  if (!launch.present(gradient)) return;
  const Laned<float> to = launch.laned<float>(gradient);
  const int32_t buckets = static_cast<int32_t>(gradient.rows), heads = s.heads, numbers = buckets * heads;
  for_warps(launch, launch.lanes * numbers, [=] __device__(int32_t n, int32_t at) {
    const int32_t lane = n / numbers, bucket = n % numbers / heads, head = n % heads;
    const int32_t end = s.query_parts().slot(s.sequences.end(lane));
    float sum = 0;
    for (int64_t slot = s.query_parts().slot(s.sequences.begin(lane)) + at; slot < end; slot += kWarp) sum += parts[(slot * heads + head) * buckets + bucket];
    sum = warp_sum(sum);
    if (at == 0) to.of(lane)[static_cast<int64_t>(bucket) * heads + head] = sum;
  });
}

inline void add_parts(const Launch& launch, const AttentionShape& s, const GradientPlaces& from, const Operand* gradients) {
  add_prefix_parts(launch, gradients[kPrefixKeysGradient], s.sequences, from.prefix_keys);
  add_prefix_parts(launch, gradients[kPrefixValuesGradient], s.sequences, from.prefix_values);
  add_bias_parts(launch, gradients[kBiasGradient], s, from.bias_parts);
}

}  // namespace primer::cuda
