// Rows through few numbers and back, in one pass: hidden = middle(x F), out = put(hidden G), with a lane's own F and G. A block has some rows: their
// hidden numbers lie in shared memory between the two products, kHidden of them at a time; for each kHidden more `put` adds to what it put before.
// F and G are both stored with a product's terms next to each other (TileForm::nt: F [b, in], G [out, b]) or its columns (nn: F [in, b], G [b, out]).
// Two ways, one for a precision: bf16 on tensor cores, where x, F, G and hidden are rounded on their way into shared memory, or float32 FMA. Sums are
// float32, over terms in ascending order.
// Floor: 4 T (in + out) bytes; x is read once for each 64 hidden numbers, the times after the first from the L2, and F and G once for each block of 64
// rows, or of 16 where those would leave multiprocessors idle. 2 T b (in + out) FLOP: with 64 hidden numbers 32 a byte, 110 TFLOP/s at 3.44 TB/s, within
// tensor cores' reach and beyond FMA's 67. Fewer than 64 hidden numbers take as long as 64.
#pragma once

#include "device/bf16.cuh"
#include "device/shared.cuh"
#include "device/tile_gemm.cuh"
#include "device/vector.cuh"

namespace primer::cuda {

constexpr int32_t kHidden = 128;     // hidden numbers of a row that a block has at a time
constexpr int kBottleneckCols = 64;  // sums of a row that a block makes at a time

// Tensor cores: a warp has 16 rows and one kWarpCols-th of the columns.
template <int kRows_, int kTerms_, int kWarpCols>
struct Bf16Bottleneck {
  using Number = Bf16;
  static constexpr int kRows = kRows_, kCols = kBottleneckCols, kTerms = kTerms_, kThreads = kRows / 16 * kWarpCols * 32;
  static constexpr int kDown = 1, kAcross = kCols / kWarpCols / 8;  // mma tiles of a warp
  static constexpr int kTile = kRows * kTerms, kWeights = kCols * kTerms;
  using Sums = float[kDown][kAcross][4];

  __device__ static int warp_row() { return static_cast<int>(threadIdx.x) / 32 / kWarpCols * 16; }
  __device__ static int warp_col() { return static_cast<int>(threadIdx.x) / 32 % kWarpCols * 8 * kAcross; }

  // Rows [first, end) and columns [col, end_col) of a matrix as a tile of kDeep x kWide, zeros beyond the ends. All loads are on their way at once.
  template <int kDeep, int kWide, int N>
  __device__ __forceinline__ static void fetch(Bf16* to, const float* from, int64_t stride, int64_t first, int64_t end, int32_t col, int32_t end_col) {
    constexpr int kPieces = kWide / 8, kMine = kDeep * kPieces / kThreads;
    static_assert(kDeep * kPieces % kThreads == 0);
    Vector<float, N> v[kMine][8 / N];
#pragma unroll
    for (int p = 0; p < kMine; ++p) {
      const int e = static_cast<int>(threadIdx.x) + p * kThreads, row = e / kPieces, piece = e % kPieces;
#pragma unroll
      for (int i = 0; i < 8 / N; ++i) {
        const Part<N> part{col + 8 * piece + i * N};
        v[p][i] = first + row < end && part.c < end_col ? load(from + (first + row) * stride, part) : filled(0.0f, part);
      }
    }
#pragma unroll
    for (int p = 0; p < kMine; ++p) {
      const int e = static_cast<int>(threadIdx.x) + p * kThreads;
      const auto pair = [&](int k) { return bf16_pair(v[p][k / N].n[k % N], v[p][(k + 1) / N].n[(k + 1) % N]); };
      *reinterpret_cast<uint4*>(to + piece_at<kPieces>(e / kPieces, e % kPieces)) = {pair(0), pair(2), pair(4), pair(6)};
    }
  }

  template <TileForm kForm>
  __device__ __forceinline__ static void multiply(const Bf16* x, const Bf16* w, Sums& sums) {
    multiply_stage<Bf16Bottleneck, kForm>(x, w, warp_row(), warp_col(), sums);
  }

  template <TileForm kForm>
  __device__ __forceinline__ static void spread(const Sums& sums, float (*to)[kCols + 8]) {
    const int g = static_cast<int>(threadIdx.x) % 32 / 4, t = static_cast<int>(threadIdx.x) % 4;
#pragma unroll
    for (int n = 0; n < kAcross; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) to[warp_row() + g + e / 2 * 8][warp_col() + 8 * n + 2 * t + e % 2] = sums[0][n][e];
    }
  }

  __device__ static void put(Bf16* tile, int row, int term, float v) { tile[piece_at<kTerms / 8>(row, term / 8) + term % 8] = to_bf16(v); }
};

// A thread has kRows / 16 rows and 4 columns, in float32. Rows of a tile lie 4 numbers more than their width apart: no two of a quarter warp's
// 16-byte reads meet in a bank.
template <int kRows_, int kTerms_>
struct F32Bottleneck {
  using Number = float;
  static constexpr int kRows = kRows_, kCols = kBottleneckCols, kTerms = kTerms_, kThreads = 256;
  static constexpr int kDown = kRows / 16, kAcross = kCols / 16;
  static constexpr int kTile = kRows * (kTerms + 4), kWeights = kCols * (kTerms + 4);
  static_assert(kWeights >= kTerms * (kCols + 4));
  using Sums = float[kDown][kAcross];

  template <int kDeep, int kWide, int N>
  __device__ __forceinline__ static void fetch(float* to, const float* from, int64_t stride, int64_t first, int64_t end, int32_t col, int32_t end_col) {
    constexpr int kPieces = kWide / N;
#pragma unroll 4
    for (int e = static_cast<int>(threadIdx.x); e < kDeep * kPieces; e += kThreads) {
      const int row = e / kPieces, piece = e % kPieces;
      const Part<N> part{col + piece * N};
      const bool inside = first + row < end && part.c < end_col;
      copy_async<4 * N>(to + row * (kWide + 4) + piece * N, inside ? from + (first + row) * stride + part.c : from, inside);
    }
    commit_copies();
    wait_copies<0>();
  }

  // The columns of a thread: neighbours where those of w are, so that four come at once.
  template <TileForm kForm>
  __device__ static int col(int c) {
    const int tx = static_cast<int>(threadIdx.x) % 16;
    return kForm == TileForm::nt ? tx + 16 * c : tx * kAcross + c;
  }

  template <TileForm kForm>
  __device__ __forceinline__ static void multiply(const float* x, const float* w, Sums& sums) {
    const int ty = static_cast<int>(threadIdx.x) / 16;
#pragma unroll 2
    for (int e = 0; e < kTerms; e += 4) {
      Vector<float, 4> left[kDown], right[4];
#pragma unroll
      for (int r = 0; r < kDown; ++r) left[r] = load(x + (ty + r * 16) * (kTerms + 4), Part<4>{e});
#pragma unroll
      for (int c = 0; c < 4; ++c) {
        right[c] = kForm == TileForm::nt ? load(w + col<kForm>(c) * (kTerms + 4), Part<4>{e}) : load(w + (e + c) * (kCols + 4), Part<4>{col<kForm>(0)});
      }
#pragma unroll
      for (int t = 0; t < 4; ++t) {
#pragma unroll
        for (int r = 0; r < kDown; ++r) {
#pragma unroll
          for (int c = 0; c < kAcross; ++c) sums[r][c] += left[r].n[t] * (kForm == TileForm::nt ? right[c].n[t] : right[t].n[c]);
        }
      }
    }
  }

  template <TileForm kForm>
  __device__ __forceinline__ static void spread(const Sums& sums, float (*to)[kCols + 8]) {
#pragma unroll
    for (int r = 0; r < kDown; ++r) {
#pragma unroll
      for (int c = 0; c < kAcross; ++c) to[static_cast<int>(threadIdx.x) / 16 + r * 16][col<kForm>(c)] = sums[r][c];
    }
  }

  __device__ static void put(float* tile, int row, int term, float v) { tile[row * (kTerms + 4) + term] = v; }
};

struct Bottleneck {
  const float* x;                   // [T, in]
  Laned<const float> first, second;  // F and G
  Rows rows;
  int32_t in, hidden, out;  // out may be 0: only the hidden numbers are wanted
};

template <class Way>
struct BottleneckShared {
  alignas(16) typename Way::Number x[Way::kTile];
  alignas(16) typename Way::Number w[Way::kWeights];
  alignas(16) typename Way::Number hidden[kHidden / Way::kTerms][Way::kTile];
  alignas(16) float sums[Way::kRows][Way::kCols + 8];
};

// The tile of a weight whose columns are [col, end_col) and whose terms [term, end_term), of `cols` by `terms` in all.
template <class Way, TileForm kForm, int N>
__device__ __forceinline__ void fetch_weight(typename Way::Number* to, const float* w, int32_t cols, int32_t terms, int32_t col, int32_t end_col, int32_t term,
                                             int32_t end_term) {
  if constexpr (kForm == TileForm::nt) Way::template fetch<Way::kCols, Way::kTerms, N>(to, w, terms, col, end_col, term, end_term);
  else Way::template fetch<Way::kTerms, Way::kCols, N>(to, w, cols, term, end_term, col, end_col);
}

// middle(lane, row, j, sum) is the hidden number; put(lane, row, part, sums, more) takes a part of an output row, or what is to be added to it.
template <class Way, TileForm kForm, int N, class Middle, class Put>
__global__ void __launch_bounds__(Way::kThreads, 2) bottleneck_kernel(Bottleneck p, Middle middle, Put put) {
  auto& shared = dynamic_shared<BottleneckShared<Way>>();
  constexpr int kCols = Way::kCols, kTerms = Way::kTerms;
  const int32_t lane = static_cast<int32_t>(blockIdx.y);
  const int64_t end = p.rows.end(lane), top = p.rows.begin(lane) + static_cast<int64_t>(blockIdx.x) * Way::kRows;
  if (top >= end) return;
  const float *first = p.first.of(lane), *second = p.second.of(lane);
  for (int32_t from = 0; from < p.hidden; from += kHidden) {
    const int32_t to = from + kHidden < p.hidden ? from + kHidden : p.hidden, filled = (to - from + kTerms - 1) / kTerms * kTerms;
    for (int32_t j = 0; j < filled; j += kCols) {
      if (from + j < to) {
        typename Way::Sums sums = {};
        for (int32_t t = 0; t < p.in; t += kTerms) {
          __syncthreads();
          Way::template fetch<Way::kRows, kTerms, N>(shared.x, p.x, p.in, top, end, t, p.in);
          fetch_weight<Way, kForm, N>(shared.w, first, p.hidden, p.in, from + j, to, t, p.in);
          __syncthreads();
          Way::template multiply<kForm>(shared.x, shared.w, sums);
        }
        Way::template spread<kForm>(sums, shared.sums);
        __syncthreads();
      }
#pragma unroll 1
      for (int e = static_cast<int>(threadIdx.x); e < Way::kRows * kCols; e += Way::kThreads) {
        const int row = e / kCols, at = j + e % kCols;
        if (at >= filled) continue;
        const bool inside = top + row < end && from + at < to;
        Way::put(shared.hidden[at / kTerms], row, at % kTerms, inside ? middle(lane, top + row, from + at, shared.sums[row][e % kCols]) : 0.0f);
      }
    }
    for (int32_t col = 0; col < p.out; col += kCols) {
      typename Way::Sums sums = {};
      for (int32_t t = from; t < to; t += kTerms) {
        __syncthreads();
        fetch_weight<Way, kForm, N>(shared.w, second, p.out, p.hidden, col, p.out, t, to);
        __syncthreads();
        Way::template multiply<kForm>(shared.hidden[(t - from) / kTerms], shared.w, sums);
      }
      Way::template spread<kForm>(sums, shared.sums);
      __syncthreads();
#pragma unroll 1
      for (int e = static_cast<int>(threadIdx.x); e < Way::kRows * kCols / N; e += Way::kThreads) {
        const int row = e / (kCols / N);
        const Part<N> part{e % (kCols / N) * N};
        if (top + row < end && col + part.c < p.out) put(lane, top + row, Part<N>{col + part.c}, load(shared.sums[row], part), from > 0);
      }
    }
  }
}

template <class Way, TileForm kForm, class Middle, class Put>
void bottleneck_by(const Launch& launch, const Bottleneck& p, int64_t most_rows, bool wide, Middle middle, Put put) {
  const auto kernel = wide ? bottleneck_kernel<Way, kForm, 4, Middle, Put> : bottleneck_kernel<Way, kForm, 1, Middle, Put>;
  launch_sharing<BottleneckShared<Way>>(launch, kernel, dim3(u32(ceil_div(most_rows, Way::kRows)), u32(p.rows.lanes)), Way::kThreads, p, middle, put);
}

// most_rows: no fewer than any lane has. wide: whether all rows of x, F, G and of what `put` takes may be loaded 16 bytes at a time.
template <TileForm kForm, class Middle, class Put>
void bottleneck(const Launch& launch, const Bottleneck& p, int64_t most_rows, bool wide, Middle middle, Put put) {
  const bool many = ceil_div(most_rows, 64) >= launch.processors;
  if (launch.precision == Precision::bf16) {
    if (many) bottleneck_by<Bf16Bottleneck<64, 64, 2>, kForm>(launch, p, most_rows, wide, middle, put);
    else bottleneck_by<Bf16Bottleneck<16, 128, 4>, kForm>(launch, p, most_rows, wide, middle, put);
  } else {
    if (many) bottleneck_by<F32Bottleneck<64, 32>, kForm>(launch, p, most_rows, wide, middle, put);
    else bottleneck_by<F32Bottleneck<16, 64>, kForm>(launch, p, most_rows, wide, middle, put);
  }
}

}  // namespace primer::cuda
