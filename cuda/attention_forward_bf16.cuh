// Attention's forward kernel on tensor cores (attention.cu has the formula). A block has 64 queries, a strip a warp, or 256, two strips a warp;
// queries stay in registers as fragments, keys and values come by tiles, rounded on their way (attention_bf16.cuh), one barrier a tile.
#pragma once

#include "attention_scores_bf16.cuh"
#include "device/shared.cuh"

namespace primer::cuda {

struct ForwardOperands {
  const float* q;
  KeySource<const float> k, v;
  float *o, *lse;
};

template <class Parts, int kWidth>
struct Bf16ForwardTiles {
  static constexpr int kColumns = columns_of(kWidth);
  Tile<kColumns, kWidth> k[2], v[2];
  Diagonals<kColumns, Parts::kRows, Parts::kThreads> diagonals[2];
};

// A warp's queries from memory, a quad of threads 8 numbers of a row.
template <class Parts, int kWidth>
__device__ __forceinline__ void load_left(LeftFactor<Parts::kDown, kWidth>& factor, const AttentionShape& s, const Part& p, int32_t head, const float* q) {
#pragma unroll
  for (int m = 0; m < Parts::kDown; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int32_t i = p.first + Parts::warp_row() + m * kStrip + row_in_strip(2 * half);
      const float* row = i < p.queries ? s.query_rows(q, p, head, i) : nullptr;
#pragma unroll
      for (int n = 0; n < kWidth / kGroup; ++n) {
        const int c = column_of(n, 0);
        float2 v = make_float2(0, 0);
        if (row && s.vectors && c < s.width) {
          v = *reinterpret_cast<const float2*>(row + c);
        } else if (row) {
          if (c < s.width) v.x = row[c];
          if (c + 1 < s.width) v.y = row[c + 1];
        }
        factor[m][n / 2][n % 2 * 2 + half] = bf16_pair(v.x, v.y);
      }
    }
  }
}

// What a thread knows of its rows' softmax: `top`, no more than 8 powers of two below the highest score so far, and the sum of powers above it.
// A `top` that lags spares most rescalings; sums stay far within float32, and rounding to bf16 is relative.
template <int kDown>
struct LaggingSoftmax {
  static constexpr float kLag = 8;
  float top[kDown][2], total[kDown][2];

  __device__ __forceinline__ LaggingSoftmax() {
#pragma unroll
    for (int m = 0; m < kDown; ++m) {
      top[m][0] = top[m][1] = -INFINITY;
      total[m][0] = total[m][1] = 0;
    }
  }

  // Scores become powers; sums are brought to a new top. Every row sees a column of the first tile, so that it is finite from then on.
  template <int kColumns, int kWidth>
  __device__ __forceinline__ void add(float unit, StripSums<kDown, kColumns>& scores, StripSums<kDown, kWidth>& sums) {
    float high[kDown][2];
    bool left_behind = false;
#pragma unroll
    for (int m = 0; m < kDown; ++m) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        high[m][half] = -INFINITY;
#pragma unroll
        for (int n = 0; n < kColumns / kGroup; ++n) high[m][half] = ::fmaxf(high[m][half], ::fmaxf(scores[m][n][2 * half], scores[m][n][2 * half + 1]));
        high[m][half] = quad_max(high[m][half]);
        left_behind |= unit * (high[m][half] - top[m][half]) > kLag;
      }
    }
    if (__any_sync(kWholeWarp, left_behind)) raise<kWidth>(unit, high, sums);
#pragma unroll
    for (int m = 0; m < kDown; ++m) {
#pragma unroll
      for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
        for (int e = 0; e < 4; ++e) total[m][e / 2] += scores[m][n][e] = power_of_two(unit * scores[m][n][e] - unit * top[m][e / 2]);
      }
    }
  }

  template <int kWidth>
  __device__ __forceinline__ void raise(float unit, const float (&high)[kDown][2], StripSums<kDown, kWidth>& sums) {
#pragma unroll
    for (int m = 0; m < kDown; ++m) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const float raised = ::fmaxf(top[m][half], high[m][half]), factor = power_of_two(unit * (top[m][half] - raised));
        top[m][half] = raised;
        total[m][half] *= factor;
#pragma unroll
        for (int n = 0; n < kWidth / kGroup; ++n) {
          sums[m][n][2 * half] *= factor;
          sums[m][n][2 * half + 1] *= factor;
        }
      }
    }
  }
};

template <class Parts, int kWidth>
__global__ void __launch_bounds__(Parts::kThreads, Parts::kBlocks) attention_bf16_kernel(AttentionShape s, ForwardOperands operands) {
  constexpr int kDown = Parts::kDown, kColumns = columns_of(kWidth);
  auto& tiles = dynamic_shared<Bf16ForwardTiles<Parts, kWidth>>();
  Part p;
  if (!s.find(s.query_parts(), static_cast<int32_t>(blockIdx.x), p)) return;
  const int32_t head = static_cast<int32_t>(blockIdx.y), rows = p.queries - p.first < Parts::kRows ? p.queries - p.first : Parts::kRows;
  const int32_t columns = s.visible(p, p.first + rows - 1), top = Parts::warp_row();
  // Columns that some query of the warp sees.
  const int32_t busy = top < rows ? s.visible(p, p.first + top + Parts::kWarpRows - 1) : 0;
  const KeyRows<const float> keys = s.key_rows(operands.k, p, head), values = s.key_rows(operands.v, p, head);
  Staged<Parts, kColumns, kWidth> some;
  const auto source = [&](const KeyRows<const float>& from, int32_t first) {
    return Source{s, columns - first, [&from, first](int32_t r) { return from.row(first + r); }};
  };
  const auto fill = [&](int buffer, int32_t first) { tiles.diagonals[buffer].fill(s, p, head, s.relative(p, p.first + Parts::kRows - 1, first), 1); };
  some.load(source(keys, 0));
  LeftFactor<kDown, kWidth> q;
  load_left<Parts, kWidth>(q, s, p, head, operands.q);
  some.put(source(keys, 0), tiles.k[0].numbers);
  some.load(source(values, 0));
  some.put(source(values, 0), tiles.v[0].numbers);
  fill(0, 0);
  __syncthreads();
  const float unit = s.scale * kLog2E;
  StripSums<kDown, kWidth> sums;
  clear<kDown, kWidth>(sums);
  LaggingSoftmax<kDown> softmax;
  int buffer = 0;
#pragma unroll 1
  for (int32_t first = 0; first < columns; first += kColumns, buffer ^= 1) {
    const int32_t next = first + kColumns;
    const bool more = next < columns, seen = first < busy;
    StripSums<kDown, kColumns> scores;
    if (more) some.load(source(keys, next));
    if (seen) multiply<kDown, kWidth, kColumns>(OfRegisters<kDown, kWidth>{q}, tiles.k[buffer].numbers, scores);
    if (more) {
      some.put(source(keys, next), tiles.k[buffer ^ 1].numbers);
      some.load(source(values, next));
      fill(buffer ^ 1, next);
    }
    if (seen) {
      finish_by_queries<Parts, kColumns>(s, p, tiles.diagonals[buffer], first, scores);
      softmax.template add<kColumns, kWidth>(unit, scores, sums);
      mix<kDown, kColumns, kWidth>(OfSums<kDown, kColumns>{scores}, tiles.v[buffer].numbers, sums);
    }
    if (more) some.put(source(values, next), tiles.v[buffer ^ 1].numbers);
    __syncthreads();
  }
  if (busy == 0) return;
#pragma unroll
  for (int m = 0; m < kDown; ++m) {
    float inverse[2];
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const float total = quad_sum(softmax.total[m][half]);
      inverse[half] = 1.0f / total;
      const int r = top + m * kStrip + row_in_strip(2 * half);
      if (r < rows && warp_lane() % 4 == 0) {
        operands.lse[static_cast<int64_t>(p.first_query + p.first + r) * s.heads + head] = s.scale * softmax.top[m][half] + ::logf(total);
      }
    }
    store_strip<kWidth>(sums[m], inverse, top + m * kStrip, rows, s, [&](int32_t r) { return s.query_rows(operands.o, p, head, p.first + r); });
  }
}

}  // namespace primer::cuda
