// Float32 products of any shape, a lane's rows at a time, with what becomes of each sum left to the op: bias, activation, residual,
// rank-r term. Blocks of 64 x 64 sums, 4 x 4 a thread, through shared memory; sums over terms in ascending order.
// Floor on one H200: 2 m n k FLOP at 67 TFLOP/s (float32, no tensor cores). This is the product of small and laned factors; dense
// weights go to cuBLASLt (dense_product.cuh).
#pragma once

#include <cuda_runtime.h>

#include "launch.h"

namespace primer::cuda {

constexpr int kTile = 64, kTerms = 16, kSide = 16, kPart = kTile / kSide;

// One side of a product: element (o, t) of a lane's copy lies at o * outer + t * term.
struct Factor {
  Laned<const float> data;
  int64_t outer, term;
};

// What a lane's rows are: rows of the result (and of the left factor), or the terms that are summed (of both factors).
enum class Along { rows, terms };

struct Product {
  Factor left, right;
  Rows rows;
  Along along;
  int32_t m, n, k;    // m is not used along rows, k not along terms
  int32_t parts = 1;  // of the terms, each added up by itself, where there are too few sums for the device
};

// A tile of 64 outer by 16 terms, zeros beyond the ends.
__device__ __forceinline__ void load_tile(const Factor& f, int32_t lane, int64_t first_outer, int64_t outers, int64_t first_term, int64_t terms,
                                          float tile[kTerms][kTile + 1]) {
  const bool terms_neighbour = f.term == 1;
  for (int e = static_cast<int>(threadIdx.x); e < kTile * kTerms; e += kSide * kSide) {
    const int o = terms_neighbour ? e / kTerms : e % kTile, t = terms_neighbour ? e % kTerms : e / kTile;
    const bool inside = o < outers && t < terms;
    tile[t][o] = inside ? f.data.of(lane)[(first_outer + o) * f.outer + (first_term + t) * f.term] : 0.0f;
  }
}

// store(lane, row, column, sum) for every sum; rows count from the batch's first where they run along an axis. With parts it is
// store(lane * parts + part, ...).
template <class S>
__global__ void __launch_bounds__(kSide* kSide) gemm_kernel(Product p, S store) {
  __shared__ float left[kTerms][kTile + 1], right[kTerms][kTile + 1];
  const int32_t copy = static_cast<int32_t>(blockIdx.z), lane = copy / p.parts, part = copy % p.parts;
  const int64_t first = p.rows.begin(lane), count = p.rows.end(lane) - first;
  const bool rows = p.along == Along::rows;
  const int64_t m = rows ? count : p.m, terms = rows ? p.k : count, row_offset = rows ? first : 0, term_offset = rows ? 0 : first;
  const int64_t top = static_cast<int64_t>(blockIdx.y) * kTile, side = static_cast<int64_t>(blockIdx.x) * kTile;
  if (top >= m) return;
  const int64_t of_part = (terms + p.parts - 1) / p.parts, begin = part * of_part, k = begin + of_part < terms ? begin + of_part : terms;
  const int ty = static_cast<int>(threadIdx.x) / kSide, tx = static_cast<int>(threadIdx.x) % kSide;
  float sum[kPart][kPart] = {};
  for (int64_t t = begin; t < k; t += kTerms) {
    load_tile(p.left, lane, row_offset + top, m - top, term_offset + t, k - t, left);
    load_tile(p.right, lane, side, p.n - side, term_offset + t, k - t, right);
    __syncthreads();
    for (int e = 0; e < kTerms; ++e) {
      for (int r = 0; r < kPart; ++r) {
        for (int c = 0; c < kPart; ++c) sum[r][c] += left[e][ty + r * kSide] * right[e][tx + c * kSide];
      }
    }
    __syncthreads();
  }
  for (int r = 0; r < kPart; ++r) {
    for (int c = 0; c < kPart; ++c) {
      const int64_t row = top + ty + r * kSide, col = side + tx + c * kSide;
      if (row < m && col < p.n) store(copy, row_offset + row, static_cast<int32_t>(col), sum[r][c]);
    }
  }
}

// most_rows: no fewer than any lane has.
template <class S>
void gemm(const Launch& launch, const Product& p, int64_t most_rows, S store) {
  const int64_t m = p.along == Along::rows ? most_rows : p.m;
  launch(gemm_kernel<S>, dim3(u32(ceil_div(p.n, kTile)), u32(ceil_div(m, kTile)), u32(int64_t{p.rows.lanes} * p.parts)), kSide * kSide, 0, p, store);
}

// The rows of x as a left factor: a row's numbers are the terms.
inline Factor rows_of(const float* x, int64_t cols) { return {{x, 0}, cols, 1}; }
// The columns of x as a factor whose terms are its rows.
inline Factor columns_of(const float* x, int64_t cols) { return {{x, 0}, 1, cols}; }
// W [out, in] as the right factor of x W^T.
inline Factor transposed(Laned<const float> w, int64_t in) { return {w, in, 1}; }
// W [out, in] as the right factor of dy W.
inline Factor plain(Laned<const float> w, int64_t in) { return {w, 1, in}; }

}  // namespace primer::cuda
