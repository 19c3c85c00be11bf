// Products of bf16 factors on tensor cores with what becomes of each sum left to the op: x [T, terms] and a weight, one for all lanes or a lane's
// own, x w^T with w [cols, terms] or x w with w [terms, cols]; or x^T w of each lane's rows, x [T, m] and w [T, cols]. Sums are float32; more terms
// may join the same sums (RankTerms) before they are stored.
// A block makes 128 x 128 sums by 8 warps, or 64 x 64 by 4 where the former would not fill the device; 32 terms at a time come by
// asynchronous copies into a ring of four stages in shared memory, in which 16-byte pieces are swizzled so that ldmatrix meets no bank twice.
// Floor: 2 T terms cols FLOP at 989 TFLOP/s; mma.sync reaches about 0.6 of that on Hopper (wgmma alone reaches all), as is generally found.
// Expected of BART-base's 768 x 768 with 4096 rows on one H200: 4.8 GFLOP, 8 us at 0.6 of the rate (computed, not measured).
#pragma once

#include "launch.h"
#include "mma.cuh"
#include "shared.cuh"

namespace primer::cuda {

template <int kRows_, int kCols_, int kWarpRows_, int kWarpCols_>
struct TileShape {
  static constexpr int kRows = kRows_, kCols = kCols_, kTerms = 32, kStages = 4;
  static constexpr int kWarpRows = kWarpRows_, kWarpCols = kWarpCols_;  // warps of a block
  static constexpr int kThreads = 32 * kWarpRows * kWarpCols, kBlocks = 384 / kThreads;  // at once on a multiprocessor: no register of theirs spills
  static constexpr int kDown = kRows / kWarpRows / 16, kAcross = kCols / kWarpCols / 8;  // mma tiles of a warp
  static_assert(kAcross % 2 == 0);
};
using LargeTile = TileShape<128, 128, 2, 4>;
using SmallTile = TileShape<64, 64, 2, 2>;

// Which product: x w^T, x w or x^T w.
enum class TileForm { nt, nn, tn };

struct TileProduct {
  const Bf16* x;  // rows x_stride apart, zeros behind each up to a multiple of 8
  const Bf16* w;  // rows w_stride apart, as above
  int64_t x_stride, w_stride;
  Rows rows;
  int32_t cols, terms;    // of x^T w, whose terms are rows, `terms` is x's columns: the rows of the result
  int64_t w_lane = 0;     // from one lane's w to the next; 0 where they share one
  int32_t parts = 1;      // of the terms, each added up by itself, so that few rows fill a device too
};

template <class Shape>
struct TileStages {
  alignas(16) Bf16 x[Shape::kStages][Shape::kRows * Shape::kTerms];
  alignas(16) Bf16 w[Shape::kStages][Shape::kCols * Shape::kTerms];
};

// The ring, and where it was the sums on their way from the warps' fragments to whole rows.
template <class Shape>
union TileShared {
  TileStages<Shape> stages;
  float sums[Shape::kRows][Shape::kCols + 8];
};

// A tile in shared memory of kAcross pieces of 8 numbers a row; where the piece lies.
template <int kAcross>
__device__ __forceinline__ int piece_at(int row, int piece) {
  static_assert(kAcross == 4 || kAcross % 8 == 0);
  if constexpr (kAcross == 4) return (row * 4 + (piece ^ row / 2 % 4)) * 8;
  else return (row * kAcross + (piece ^ row % 8)) * 8;
}

// Rows [first, end) and columns [col, end_col) of a matrix as a tile, zeros beyond the ends.
template <int kRows, int kCols, int kThreads>
__device__ __forceinline__ void copy_tile(Bf16* to, const Bf16* from, int64_t stride, int64_t first, int64_t end, int64_t col, int64_t end_col) {
  constexpr int kAcross = kCols / 8;
  for (int e = static_cast<int>(threadIdx.x); e < kRows * kAcross; e += kThreads) {
    const int row = e / kAcross, piece = e % kAcross;
    const bool inside = first + row < end && col + 8 * piece < end_col;
    copy_async<16>(to + piece_at<kAcross>(row, piece), inside ? from + (first + row) * stride + col + 8 * piece : from, inside);
  }
}

// No terms more.
struct NoTerms {
  template <class Shape>
  __device__ void add(float (&)[Shape::kDown][Shape::kAcross][4], int32_t, int64_t, int64_t, int64_t, int32_t) const {}
};

// A float32 number as two of TF32, whose products keep 21 bits.
__device__ __forceinline__ void split_tf32(float v, uint32_t& high, uint32_t& low) {
  high = to_tf32(v);
  low = to_tf32(v - __uint_as_float(high));
}

// sum over e < rank of left [T, rank] (r, e) times scale right (c, e), `right` one copy a lane, in float32 but for its last bits: what is
// trained is not rounded to bf16. Three TF32 products for 8 terms are 6 mma's time of bf16's 16 terms: 48 for 768 terms, 6 for a rank of 8.
struct RankTerms {
  const float* left;
  Laned<const float> right;
  int64_t right_outer, right_term;
  int32_t rank;
  float scale;

  template <class Shape>
  __device__ void add(float (&sums)[Shape::kDown][Shape::kAcross][4], int32_t lane, int64_t row, int64_t end_row, int64_t col, int32_t cols) const {
    const int g = static_cast<int>(threadIdx.x) % 32 / 4, t = static_cast<int>(threadIdx.x) % 4;
    for (int32_t first = 0; first < rank; first += 8) {
#pragma unroll
      for (int m = 0; m < Shape::kDown; ++m) {
        uint32_t high[4], low[4];
#pragma unroll
        for (int e = 0; e < 4; ++e) {
          const int64_t r = row + 16 * m + g + e % 2 * 8, term = first + t + e / 2 * 4;
          split_tf32(r < end_row && term < rank ? left[r * rank + term] : 0.0f, high[e], low[e]);
        }
#pragma unroll
        for (int n = 0; n < Shape::kAcross; ++n) {
          uint32_t b_high[2], b_low[2];
#pragma unroll
          for (int e = 0; e < 2; ++e) {
            const int64_t c = col + 8 * n + g, term = first + t + e * 4;
            split_tf32(c < cols && term < rank ? scale * right.of(lane)[c * right_outer + term * right_term] : 0.0f, b_high[e], b_low[e]);
          }
          mma_tf32(sums[m][n], low, b_high);
          mma_tf32(sums[m][n], high, b_low);
          mma_tf32(sums[m][n], high, b_high);
        }
      }
    }
  }
};

// A stage's terms.
template <class Shape, TileForm kForm>
__device__ __forceinline__ void multiply_stage(const Bf16* x, const Bf16* w, int warp_row, int warp_col, float (&sums)[Shape::kDown][Shape::kAcross][4]) {
  const int lane = static_cast<int>(threadIdx.x) % 32, row = lane % 8, matrix = lane / 8;
#pragma unroll
  for (int k = 0; k < Shape::kTerms; k += 16) {
    uint32_t a[Shape::kDown][4], b[Shape::kAcross][2];
#pragma unroll
    for (int m = 0; m < Shape::kDown; ++m) {
      if constexpr (kForm == TileForm::tn) {
        load_matrices_transposed(a[m], x + piece_at<Shape::kRows / 8>(k + row + matrix / 2 * 8, warp_row / 8 + 2 * m + matrix % 2));
      } else {
        load_matrices(a[m], x + piece_at<Shape::kTerms / 8>(warp_row + 16 * m + row + matrix % 2 * 8, k / 8 + matrix / 2));
      }
    }
#pragma unroll
    for (int n = 0; n < Shape::kAcross; n += 2) {
      uint32_t two[4];
      if constexpr (kForm == TileForm::nt) {
        load_matrices(two, w + piece_at<Shape::kTerms / 8>(warp_col + 8 * n + row + matrix / 2 * 8, k / 8 + matrix % 2));
      } else {
        load_matrices_transposed(two, w + piece_at<Shape::kCols / 8>(k + row + matrix % 2 * 8, warp_col / 8 + n + matrix / 2));
      }
      b[n][0] = two[0], b[n][1] = two[1], b[n + 1][0] = two[2], b[n + 1][1] = two[3];
    }
#pragma unroll
    for (int m = 0; m < Shape::kDown; ++m) {
#pragma unroll
      for (int n = 0; n < Shape::kAcross; ++n) mma_bf16(sums[m][n], a[m], b[n]);
    }
  }
}

// store(lane, row, column, sum) for every sum; rows count from the batch's first, but for x^T w. With parts it is store(lane * parts + part, ...).
template <class Shape, TileForm kForm, class Terms, class S>
__global__ void __launch_bounds__(Shape::kThreads, Shape::kBlocks) tile_gemm_kernel(TileProduct p, Terms more, S store) {
  auto& shared = dynamic_shared<TileShared<Shape>>();
  auto& stages = shared.stages;
  const int32_t copy = static_cast<int32_t>(blockIdx.z), lane = copy / p.parts, part = copy % p.parts;
  constexpr bool kOuter = kForm == TileForm::tn;
  const int64_t first = p.rows.begin(lane), last = p.rows.end(lane), end = kOuter ? p.terms : last;
  const int64_t top = (kOuter ? 0 : first) + static_cast<int64_t>(blockIdx.y) * Shape::kRows, side = static_cast<int64_t>(blockIdx.x) * Shape::kCols;
  if (top >= end) return;
  const Bf16* w = p.w + lane * p.w_lane;
  const int32_t terms = kOuter ? static_cast<int32_t>(last - first) : p.terms;
  const int32_t steps = (terms + Shape::kTerms - 1) / Shape::kTerms, of_part = (steps + p.parts - 1) / p.parts;
  const int32_t begin = part * of_part, stop = begin + of_part < steps ? begin + of_part : steps;
  const auto fetch = [&](int32_t step) {
    if (step < stop) {
      const int s = step % Shape::kStages;
      const int64_t term = static_cast<int64_t>(step) * Shape::kTerms;
      if constexpr (kOuter) {
        copy_tile<Shape::kTerms, Shape::kRows, Shape::kThreads>(stages.x[s], p.x, p.x_stride, first + term, last, top, p.x_stride);
        copy_tile<Shape::kTerms, Shape::kCols, Shape::kThreads>(stages.w[s], w, p.w_stride, first + term, last, side, p.w_stride);
      } else {
        copy_tile<Shape::kRows, Shape::kTerms, Shape::kThreads>(stages.x[s], p.x, p.x_stride, top, end, term, p.x_stride);
        if constexpr (kForm == TileForm::nt) {
          copy_tile<Shape::kCols, Shape::kTerms, Shape::kThreads>(stages.w[s], w, p.w_stride, side, p.cols, term, p.w_stride);
        } else {
          copy_tile<Shape::kTerms, Shape::kCols, Shape::kThreads>(stages.w[s], w, p.w_stride, term, p.terms, side, p.w_stride);
        }
      }
    }
    commit_copies();
  };
  for (int32_t step = 0; step < Shape::kStages - 1; ++step) fetch(begin + step);
  const int warp = static_cast<int>(threadIdx.x) / 32, warp_row = warp / Shape::kWarpCols * 16 * Shape::kDown, warp_col = warp % Shape::kWarpCols * 8 * Shape::kAcross;
  float sums[Shape::kDown][Shape::kAcross][4] = {};
  for (int32_t step = begin; step < stop; ++step) {
    wait_copies<Shape::kStages - 2>();
    __syncthreads();
    fetch(step + Shape::kStages - 1);
    multiply_stage<Shape, kForm>(stages.x[step % Shape::kStages], stages.w[step % Shape::kStages], warp_row, warp_col, sums);
  }
  if (part == 0) more.template add<Shape>(sums, lane, top + warp_row, end, side + warp_col, p.cols);
  const int g = static_cast<int>(threadIdx.x) % 32 / 4, t = static_cast<int>(threadIdx.x) % 4;
  wait_copies<0>();
  __syncthreads();
#pragma unroll
  for (int m = 0; m < Shape::kDown; ++m) {
#pragma unroll
    for (int n = 0; n < Shape::kAcross; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) shared.sums[warp_row + 16 * m + g + e / 2 * 8][warp_col + 8 * n + 2 * t + e % 2] = sums[m][n][e];
    }
  }
  __syncthreads();
#pragma unroll 1
  for (int e = static_cast<int>(threadIdx.x); e < Shape::kRows * Shape::kCols; e += Shape::kThreads) {
    const int64_t row = top + e / Shape::kCols, col = side + e % Shape::kCols;
    if (row < end && col < p.cols) store(copy, row, static_cast<int32_t>(col), shared.sums[e / Shape::kCols][e % Shape::kCols]);
  }
}

template <class Shape, TileForm kForm, class Terms, class S>
void tile_gemm_of(const Launch& launch, const TileProduct& p, int64_t most_rows, Terms more, S store) {
  launch_sharing<TileShared<Shape>>(launch, tile_gemm_kernel<Shape, kForm, Terms, S>,
                                    dim3(u32(ceil_div(p.cols, Shape::kCols)), u32(ceil_div(most_rows, Shape::kRows)), u32(p.rows.lanes * p.parts)), Shape::kThreads, p, more,
                                    store);
}

// most_rows: no fewer than any lane's result has, of `copies` that all have about as many.
template <TileForm kForm, class Terms, class S>
void tile_gemm_form(const Launch& launch, const TileProduct& p, int64_t most_rows, int64_t copies, Terms more, S store) {
  const bool fills = ceil_div(p.cols, LargeTile::kCols) * ceil_div(most_rows, LargeTile::kRows) * copies >= launch.processors;
  if (fills) tile_gemm_of<LargeTile, kForm>(launch, p, most_rows, more, store);
  else tile_gemm_of<SmallTile, kForm>(launch, p, most_rows, more, store);
}

// kTransposed: x w^T, else x w. most_rows: no fewer than any lane has; all lanes together may have no more.
template <bool kTransposed, class Terms, class S>
void tile_gemm(const Launch& launch, const TileProduct& p, int64_t most_rows, Terms more, S store) {
  tile_gemm_form<kTransposed ? TileForm::nt : TileForm::nn>(launch, p, most_rows, p.parts, more, store);
}

// x^T w of each lane's rows.
template <class S>
void tile_outer(const Launch& launch, const TileProduct& p, S store) {
  tile_gemm_form<TileForm::tn>(launch, p, p.terms, p.rows.lanes * p.parts, NoTerms{}, store);
}

}  // namespace primer::cuda
