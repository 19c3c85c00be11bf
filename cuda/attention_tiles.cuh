// What attention's kernels do with tiles in shared memory. A block of 4 warps has kTile rows, 16 a warp: a strip. A strip's sums
// lie in registers as the tensor cores leave them: of every 8 columns, a thread has columns 2 (l % 4) and the next one, in rows l / 4 and
// l / 4 + 8, l its place in the warp. A row is so spread over the 4 threads of a quad.
#pragma once

#include "attention_sequences.cuh"

namespace primer::cuda {

constexpr int kStrip = 16, kAttentionThreads = kTile / kStrip * kWarp, kGroup = 8;

// Columns of a tile of scores: fewer where the sums of wide heads fill the registers.
constexpr int columns_of(int width) { return width > 64 ? 32 : 64; }

__device__ __forceinline__ int strip_row() { return static_cast<int>(threadIdx.x) / kWarp * kStrip; }
// Row of a thread's number e in a strip and in the tile, and column in its group.
__device__ __forceinline__ int row_in_strip(int e) { return static_cast<int>(threadIdx.x) % kWarp / 4 + e / 2 * 8; }
__device__ __forceinline__ int row_of(int e) { return strip_row() + row_in_strip(e); }
__device__ __forceinline__ int column_of(int group, int e) { return group * kGroup + static_cast<int>(threadIdx.x) % 4 * 2 + e % 2; }

template <int kColumns>
using Sums = float[kColumns / kGroup][4];

__device__ __forceinline__ float quad_sum(float v) {
  v += __shfl_xor_sync(kWholeWarp, v, 1);
  return v + __shfl_xor_sync(kWholeWarp, v, 2);
}

__device__ __forceinline__ float quad_max(float v) {
  v = ::fmaxf(v, __shfl_xor_sync(kWholeWarp, v, 1));
  return ::fmaxf(v, __shfl_xor_sync(kWholeWarp, v, 2));
}

// Columns c to c + 3 of a head's row, zeros beyond its width and where `from` is null.
__device__ __forceinline__ float4 quarter_of(const float* from, int c, int32_t width, bool vectors) {
  float4 v = make_float4(0, 0, 0, 0);
  if (vectors) {
    if (from && c < width) v = *reinterpret_cast<const float4*>(from + c);
  } else if (from) {
    if (c < width) v.x = from[c];
    if (c + 1 < width) v.y = from[c + 1];
    if (c + 2 < width) v.z = from[c + 2];
    if (c + 3 < width) v.w = from[c + 3];
  }
  return v;
}

// tile[r][c] = row(r)[c] for r < rows and c < width, zeros in the rest of the tile.
template <class Math, int kRows, int kWidth, class Row>
__device__ __forceinline__ void load_tile(typename Math::Element (&tile)[kRows][kWidth + Math::kPad], int32_t rows, const AttentionShape& s, const Row& row) {
  constexpr int kQuarters = kWidth / 4;
  for (int e = static_cast<int>(threadIdx.x); e < kRows * kQuarters; e += kAttentionThreads) {
    const int r = e / kQuarters, c = e % kQuarters * 4;
    Math::put(&tile[r][c], quarter_of(r < rows ? row(r) : nullptr, c, s.width, s.vectors));
  }
}

// row(r)[c] = factor[r] * sums for rows r < rows of the strip from row `strip` on and c < width, where row(r) is not null.
template <int kWidth, class Row>
__device__ __forceinline__ void store_strip(const Sums<kWidth>& sums, const float (&factor)[2], int strip, int32_t rows, const AttentionShape& s, const Row& row) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int r = strip + row_in_strip(2 * half);
    float* to = r < rows ? row(r) : nullptr;
    if (!to) continue;
#pragma unroll
    for (int n = 0; n < kWidth / kGroup; ++n) {
      const int c = column_of(n, 0);
      const float x = factor[half] * sums[n][2 * half], y = factor[half] * sums[n][2 * half + 1];
      if (s.vectors && c < s.width) {
        *reinterpret_cast<float2*>(to + c) = make_float2(x, y);
      } else {
        if (c < s.width) to[c] = x;
        if (c + 1 < s.width) to[c + 1] = y;
      }
    }
  }
}

// Biases and buckets of a tile's relative positions: they depend on column - row alone. Place e belongs to column - row = e - (rows - 1).
template <int kColumns, int kRows = kTile, int kThreads = kAttentionThreads>
struct Diagonals {
  static constexpr int kCount = kRows + kColumns - 1;
  float bias[kCount];
  int32_t bucket[kCount];

  // `lowest`: the relative position of place 0; `sign`: -1 where it falls from one place to the next, as where queries are the columns.
  __device__ __forceinline__ void fill(const AttentionShape& s, const Part& p, int32_t head, int32_t lowest, int32_t sign) {
    if (!s.bias) return;
#pragma unroll 1
    for (int e = static_cast<int>(threadIdx.x); e < kCount; e += kThreads) {
      bucket[e] = s.buckets.of(lowest + sign * e);
      bias[e] = s.bias.of(p.lane)[static_cast<int64_t>(bucket[e]) * s.heads + head];
    }
  }
  static __device__ __forceinline__ int place(int row, int column) { return column - row + kRows - 1; }
};

// From products to scores of the queries from p.first on: scaled, with the bias of own keys; -infinity where a query does not see a column.
template <int kColumns>
__device__ __forceinline__ void finish_scores(const AttentionShape& s, const Part& p, const Diagonals<kColumns>& diagonals, int32_t first,
                                              Sums<kColumns>& scores) {
#pragma unroll
  for (int e = 0; e < 4; ++e) {
    const int row = row_of(e);
    const int32_t visible = s.visible(p, p.first + row) - first, prefix = s.prefix - first;
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
      const int column = column_of(n, e);
      float score = s.scale * scores[n][e];
      if (s.bias && column >= prefix) score += diagonals.bias[Diagonals<kColumns>::place(row, column)];
      scores[n][e] = column < visible ? score : -INFINITY;
    }
  }
}

// Products in float32: an FMA a term, terms ascending. Weights of `mix` go through shared memory, a strip a warp.
struct Float32Math {
  using Element = float;
  static constexpr int kPad = 4;
  template <int kColumns>
  struct Strips { float weights[kTile / kStrip][kStrip][kColumns + 4]; };

  static __device__ __forceinline__ void put(float* to, float4 v) { *reinterpret_cast<float4*>(to) = v; }
  static __device__ __forceinline__ float exponential(float x) { return ::expf(x); }

  static __device__ __forceinline__ float dot(float4 a, float4 b, float sum) {
    sum += a.x * b.x;
    sum += a.y * b.y;
    sum += a.z * b.z;
    return sum + a.w * b.w;
  }

  // sums = rows columns^T for the warp's strip of `rows`.
  template <int kWidth, int kColumns>
  static __device__ __forceinline__ void products(const float (&rows)[kTile][kWidth + kPad], const float (&columns)[kColumns][kWidth + kPad],
                                                  Sums<kColumns>& sums) {
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) sums[n][e] = 0;
    }
#pragma unroll 1
    for (int t = 0; t < kWidth; t += 4) {
      const float4 upper = *reinterpret_cast<const float4*>(&rows[row_of(0)][t]), lower = *reinterpret_cast<const float4*>(&rows[row_of(2)][t]);
#pragma unroll
      for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          const float4 column = *reinterpret_cast<const float4*>(&columns[column_of(n, e)][t]);
          sums[n][e] = dot(upper, column, sums[n][e]);
          sums[n][2 + e] = dot(lower, column, sums[n][2 + e]);
        }
      }
    }
  }

  // sums += weights values for the warp's strip.
  template <int kWidth, int kColumns>
  static __device__ __forceinline__ void mix(const Sums<kColumns>& weights, Strips<kColumns>& strips, const float (&values)[kColumns][kWidth + kPad],
                                             Sums<kWidth>& sums) {
    float(&strip)[kStrip][kColumns + 4] = strips.weights[strip_row() / kStrip];
    const int upper = row_of(0) - strip_row(), lower = upper + 8;
    __syncwarp();
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) strip[e < 2 ? upper : lower][column_of(n, e)] = weights[n][e];
    }
    __syncwarp();
#pragma unroll 2
    for (int j = 0; j < kColumns; ++j) {
      const float a = strip[upper][j], b = strip[lower][j];
#pragma unroll
      for (int n = 0; n < kWidth / kGroup; ++n) {
        const float2 v = *reinterpret_cast<const float2*>(&values[j][column_of(n, 0)]);
        sums[n][0] += a * v.x;
        sums[n][1] += a * v.y;
        sums[n][2] += b * v.x;
        sums[n][3] += b * v.y;
      }
    }
  }
};

// f of the narrowest tiles that a head fits in.
template <class F>
void with_width(int64_t width, F f) {
  if (width <= 32) return f.template operator()<32>();
  if (width <= 64) return f.template operator()<64>();
  if (width <= 128) return f.template operator()<128>();
  throw std::runtime_error("heads of " + std::to_string(width) + " columns: CUDA kernels are there for 128 at most");
}

}  // namespace primer::cuda
