// What attention's kernels on tensor cores share: tiles of bf16 in shared memory, products of them in float32, and the way of rows into them.
// A warp has kDown strips of 16 rows, so that a fragment of the other factor that it reads from shared memory serves kDown products: with one
// strip that memory (128 bytes a cycle, 256 a fragment) allows half of the tensor cores' rate, with two all of it.
// Rows lie in memory as float32 and are rounded on their way: a thread loads its share of the next tile before it multiplies this one, and stores
// it, rounded, into the other of two buffers afterwards. A copy in bf16 that cp.async could read would cost 6 bytes a number, in a kernel of its
// own, where keys and values are read by one block for each `kRows` queries, 4 bytes a number then and 2 with the copy: the copy moves less from
// more than 3 kRows = 768 queries of a sequence on, and those are rare.
#pragma once

#include "attention_tiles.cuh"
#include "device/mma.cuh"

namespace primer::cuda {

template <int kWarps_, int kDown_>
struct PartShape {
  static constexpr int kWarps = kWarps_, kDown = kDown_, kThreads = kWarps * kWarp, kWarpRows = kStrip * kDown, kRows = kWarps * kWarpRows;
  static constexpr int kBlocks = kThreads > 128 ? 1 : 2;  // of a multiprocessor, at least
  static __device__ __forceinline__ int warp_row() { return static_cast<int>(threadIdx.x) / kWarp * kWarpRows; }
};
using ShortParts = PartShape<4, 1>;
// Sums of wide heads leave no room for two strips.
template <int kWidth>
using LongParts = PartShape<8, (kWidth > 64 ? 1 : 2)>;

// Sums of a warp's strips.
template <int kDown, int kColumns>
using StripSums = Sums<kColumns>[kDown];
// A warp's rows as left factors.
template <int kDown, int kTerms>
using LeftFactor = uint32_t[kDown][kTerms / 16][4];

// Rows in shared memory, 8 numbers longer than they are wide: the 8 rows of 16 bytes that load_matrices reads at a time lie in different banks,
// and all places of a thread are one address plus constants, as they would not be in a swizzled tile.
template <int kRows, int kWidth>
struct Tile {
  alignas(16) Bf16 numbers[kRows * (kWidth + 8)];
};
// Where a row's piece of 8 numbers lies.
template <int kWidth>
__device__ __forceinline__ int piece_at(int row, int piece) { return row * (kWidth + 8) + piece * 8; }

constexpr float kLog2E = 1.44269504f;

// 2^x; 0 for -infinity.
__device__ __forceinline__ float power_of_two(float x) {
#ifdef __CUDACC__
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
#else
  return ::exp2f(x);
#endif
}

template <int kDown, int kColumns>
__device__ __forceinline__ void clear(StripSums<kDown, kColumns>& sums) {
#pragma unroll
  for (int m = 0; m < kDown; ++m) {
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) sums[m][n][e] = 0;
    }
  }
}

// sums = rows columns^T, where left(m, t, a) puts terms t to t + 15 of strip m into a.
template <int kDown, int kWidth, int kColumns, class Left>
__device__ __forceinline__ void multiply(const Left& left, const Bf16* columns, StripSums<kDown, kColumns>& sums) {
  const int l = warp_lane();
  clear<kDown, kColumns>(sums);
#pragma unroll
  for (int t = 0; t < kWidth; t += 16) {
    uint32_t a[kDown][4];
#pragma unroll
    for (int m = 0; m < kDown; ++m) left(m, t, a[m]);
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; n += 2) {
      uint32_t b[4];  // both halves of the terms for one group, then for the next
      load_matrices(b, columns + piece_at<kWidth>(n * kGroup + l / 16 * 8 + l % 8, t / 8 + l / 8 % 2));
#pragma unroll
      for (int m = 0; m < kDown; ++m) {
        mma_bf16(sums[m][n], a[m], {b[0], b[1]});
        mma_bf16(sums[m][n + 1], a[m], {b[2], b[3]});
      }
    }
  }
}

// sums += left values, where left(m, j, a) puts the weights of values j to j + 15 in strip m into a.
template <int kDown, int kColumns, int kWidth, class Left>
__device__ __forceinline__ void mix(const Left& left, const Bf16* values, StripSums<kDown, kWidth>& sums) {
  const int l = warp_lane();
#pragma unroll
  for (int j = 0; j < kColumns; j += 16) {
    uint32_t a[kDown][4];
#pragma unroll
    for (int m = 0; m < kDown; ++m) left(m, j, a[m]);
#pragma unroll
    for (int n = 0; n < kWidth / kGroup; n += 2) {
      uint32_t b[4];
      load_matrices_transposed(b, values + piece_at<kWidth>(j + l % 16, n + l / 16));
#pragma unroll
      for (int m = 0; m < kDown; ++m) {
        mma_bf16(sums[m][n], a[m], {b[0], b[1]});
        mma_bf16(sums[m][n + 1], a[m], {b[2], b[3]});
      }
    }
  }
}

// Sums as weights: as they lie, two groups of a strip's sums are a fragment.
template <int kDown, int kColumns>
struct OfSums {
  const StripSums<kDown, kColumns>& sums;
  __device__ __forceinline__ void operator()(int m, int j, uint32_t (&a)[4]) const {
    const auto &low = sums[m][j / kGroup], &high = sums[m][j / kGroup + 1];
    a[0] = bf16_pair(low[0], low[1]), a[1] = bf16_pair(low[2], low[3]), a[2] = bf16_pair(high[0], high[1]), a[3] = bf16_pair(high[2], high[3]);
  }
};

// A warp's rows, kept in registers.
template <int kDown, int kTerms>
struct OfRegisters {
  const LeftFactor<kDown, kTerms>& rows;
  __device__ __forceinline__ void operator()(int m, int t, uint32_t (&a)[4]) const {
#pragma unroll
    for (int e = 0; e < 4; ++e) a[e] = rows[m][t / 16][e];
  }
};

// Rows of a tile of kTerms columns as factors, from row `first` on.
template <int kTerms>
struct OfTile {
  const Bf16* tile;
  int first;
  __device__ __forceinline__ void operator()(int m, int t, uint32_t (&a)[4]) const {
    load_matrices(a, tile + piece_at<kTerms>(first + m * kStrip + warp_lane() % 16, t / 8 + warp_lane() / 16));
  }
};

// Rows of a head in memory: row(r) for r < rows.
template <class Row>
struct Source {
  const AttentionShape& s;
  int32_t rows;
  Row row;
};
template <class Row>
Source(const AttentionShape&, int32_t, Row) -> Source<Row>;

// A thread's share of kRows such rows on their way into a tile, with zeros behind the last and beyond a head's columns. Rows that cannot be read four
// numbers at a time are read when they are put.
template <class Parts, int kRows, int kWidth>
struct Staged {
  static constexpr int kQuarters = kWidth / 4, kStep = Parts::kThreads / kQuarters, kEach = kRows / kStep;
  static_assert(kEach * kStep == kRows);
  float4 quarters[kEach];

  static __device__ __forceinline__ int row(int i) { return static_cast<int>(threadIdx.x) / kQuarters + i * kStep; }
  static __device__ __forceinline__ int column() { return static_cast<int>(threadIdx.x) % kQuarters * 4; }

  template <class Row>
  __device__ __forceinline__ void load(const Source<Row>& from) {
    const int32_t rows = from.s.vectors && column() < from.s.width ? from.rows : 0;
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      const float* at = from.row(row(i)) + column();
      quarters[i] = make_float4(0, 0, 0, 0);
      if (row(i) < rows) quarters[i] = *reinterpret_cast<const float4*>(at);
    }
  }

  template <class Row>
  __device__ __forceinline__ void put(const Source<Row>& from, Bf16* tile) const {
    if (from.s.vectors) {
#pragma unroll
      for (int i = 0; i < kEach; ++i) put(quarters[i], i, tile);
    } else {
#pragma unroll 1
      for (int i = 0; i < kEach; ++i) put(quarter_of(row(i) < from.rows ? from.row(row(i)) : nullptr, column(), from.s.width, false), i, tile);
    }
  }

  static __device__ __forceinline__ void put(float4 v, int i, Bf16* tile) {
    uint2 pairs;
    pairs.x = bf16_pair(v.x, v.y);
    pairs.y = bf16_pair(v.z, v.w);
    *reinterpret_cast<uint2*>(tile + piece_at<kWidth>(row(i), column() / 8) + column() % 8) = pairs;
  }
};

// As load and put, for a tile that stays.
template <class Parts, int kRows, int kWidth, class Row>
__device__ __forceinline__ void stage(Bf16* tile, const AttentionShape& s, int32_t rows, const Row& row) {
  constexpr int kAtOnce = 32;
#pragma unroll 1
  for (int first = 0; first < kRows; first += kAtOnce) {
    const Source from{s, rows - first, [&](int32_t r) { return row(first + r); }};
    Staged<Parts, kAtOnce, kWidth> some;
    some.load(from);
    some.put(from, tile + piece_at<kWidth>(first, 0));
  }
}

// f of the narrowest tiles that a head fits in, and of the parts: long ones where sequences are long enough to fill them half and enough of them
// to fill the device.
template <class F>
void with_parts(const Launch& launch, const AttentionShape& s, const Operand* from_q, F f) {
  const int64_t queries = launch.most_rows(from_q[kQ]), sequences = launch.most_rows(from_q[kQueryOffsets]);
  with_width(s.width, [&]<int kWidth>() {
    constexpr int kLong = LongParts<kWidth>::kRows;
    const bool filled = 2 * queries >= kLong * sequences && ceil_div(queries, kLong) * s.heads >= launch.processors;
    if (filled) f.template operator()<LongParts<kWidth>, kWidth>();
    else f.template operator()<ShortParts, kWidth>();
  });
}

}  // namespace primer::cuda
