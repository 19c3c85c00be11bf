// Rows with labels under a language-model head: what head_cross_entropy, its backward pass and the tangents of both share.
#pragma once

#include "device/kernel.h"
#include "head_products.cuh"

namespace primer::cuda {

constexpr int kKeepThreads = 1024;
constexpr int64_t kPartWords = 512;  // of W's rows that one block adds up

// The rows whose weight is not 0, found on the device: a graph serves any number of them. They are numbered anew, in ascending order.
struct Labelled {
  int32_t* rows;     // [T] where in the batch they are
  int32_t* offsets;  // [lanes + 1] each lane's first
  Labelled(Pieces& pieces, const Operand& h, int64_t lanes) : rows(pieces.take<int32_t>(h.rows)), offsets(pieces.take<int32_t>(lanes + 1)) {}
  Rows of_lanes(const Launch& launch) const { return {offsets, static_cast<int32_t>(launch.lanes), 0}; }
};

// One block goes through the batch.
template <int kBlock>
__global__ void __launch_bounds__(kBlock) keep_kernel(const float* weight, Rows rows, int32_t* kept, int32_t* offsets) {
  __shared__ int32_t votes_of[kBlock / kWarp];
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  int32_t count = 0;
  for (int32_t first = 0; first < rows.total(); first += kBlock) {
    const int32_t r = first + static_cast<int32_t>(threadIdx.x);
    const bool keep = r < rows.total() && weight[r] != 0;
    const unsigned votes = __ballot_sync(kWholeWarp, keep);
    if (warp_lane() == 0) votes_of[warp] = __popc(votes);
    __syncthreads();
    int32_t before = 0, all = 0;
    for (int w = 0; w < kBlock / kWarp; ++w) {
      before += w < warp ? votes_of[w] : 0;
      all += votes_of[w];
    }
    if (keep) kept[count + before + __popc(votes & ((1u << warp_lane()) - 1))] = r;
    count += all;
    __syncthreads();
  }
  for (int32_t lane = static_cast<int32_t>(threadIdx.x); lane <= rows.lanes; lane += kBlock) {
    const int32_t from = lane < rows.lanes ? rows.begin(lane) : rows.total();
    int32_t low = 0, high = count;
    while (low < high) {
      const int32_t middle = (low + high) / 2;
      if (kept[middle] < from) low = middle + 1; else high = middle;
    }
    offsets[lane] = low;
  }
}

inline void keep_rows(const Launch& launch, const Operand& h, const Operand& weight, const Labelled& kept) {
  launch(keep_kernel<kKeepThreads>, 1, kKeepThreads, 0, launch.data<const float>(weight), launch.rows(h), kept.rows, kept.offsets);
}

// out [rows, d] = the kept rows of x, zeros in all others and beyond d.
inline void gather_kept(const Launch& launch, const Operand& x, const Labelled& kept, const Matrix& out) {
  const float* in = launch.data<const float>(x);
  const int32_t* rows = kept.rows;
  const Rows labelled = kept.of_lanes(launch), all{nullptr, 1, static_cast<int32_t>(launch.most_rows(x))};
  const int64_t d = x.cols;
  const Matrix to = out;
  for_rows(launch, all, all.fixed, [=] __device__(int64_t r, int32_t at) {
    const bool there = r < labelled.total();
    for (int64_t c = at; c < to.stride; c += kWarp) to.put(r, c, there && c < d ? in[rows[r] * d + c] : 0.0f);
  });
}

// Zeros in the rows of `out` whose weight is 0.
inline void clear_ignored(const Launch& launch, const Operand& weight, const Operand& out) {
  const float* w = launch.data<const float>(weight);
  float* to = launch.data<float>(out);
  const int64_t d = out.cols;
  for_numbers(launch, out, [=] __device__(int64_t r, int32_t c) {
    if (w[r] == 0) to[r * d + c] = 0;
  });
}

// total[lane] = the sum of `terms` over the lane's kept rows, in float64.
inline void sum_by_lane(const Launch& launch, const Labelled& kept, const double* terms, const Operand& total) {
  const Laned<float> out = launch.laned<float>(total);
  const Rows rows = kept.of_lanes(launch);
  for_warps(launch, launch.lanes, [=] __device__(int32_t lane, int32_t at) {
    double sum = 0;
    for (int32_t r = rows.begin(lane) + at; r < rows.end(lane); r += kWarp) sum += terms[r];
    sum = warp_sum(sum);
    if (at == 0) *out.of(lane) = static_cast<float>(sum);
  });
}

// Blocks of rows of a chunk's logits: a thread keeps so many parts of a row in registers.
constexpr int kHeldParts = 8, kNarrowBlock = 256, kWideBlock = 1024;
static_assert(kHeldParts * 4 * kWideBlock >= kMostChunk);
inline bool wide(const Chunk& chunk) { return chunk.stride > kHeldParts * 4 * kNarrowBlock; }

// The sums of W's rows, which label smoothing needs: as many blocks as fill the device add up some rows each, then their sums are
// added in order. Accumulation: float64. Floor: 4 V d bytes, or 2 V d of bf16.
struct WordSums {
  double* parts;  // [copies][parts][d]
  float* sums;    // [copies][d]
  WordSums(Pieces& pieces, const Operand& w, int64_t lanes)
      : parts(pieces.take<double>(copies(w, lanes) * ceil_div(w.rows, kPartWords) * w.cols)), sums(pieces.take<float>(copies(w, lanes) * w.cols)) {}
  static int64_t copies(const Operand& w, int64_t lanes) { return w.lane_stride == 0 ? 1 : lanes; }
  Laned<const float> laned(const Operand& w) const { return {sums, w.lane_stride == 0 ? 0 : w.cols}; }
};

static __global__ void __launch_bounds__(kThreads) word_sums_kernel(WordReader w, int64_t words, int64_t d, double* parts) {
  constexpr int kRows = kThreads / kWarp;
  __shared__ double partial[kRows][kWarp];
  const int64_t c = static_cast<int64_t>(blockIdx.x) * kWarp + threadIdx.x, first = static_cast<int64_t>(blockIdx.y) * kPartWords;
  const int64_t end = first + kPartWords < words ? first + kPartWords : words;
  double sum = 0;
  if (c < d) {
    for (int64_t v = first + threadIdx.y; v < end; v += kRows) sum += static_cast<double>(w.at(static_cast<int32_t>(blockIdx.z), v, c));
  }
  partial[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || c >= d) return;
  for (int r = 1; r < kRows; ++r) sum += partial[r][threadIdx.x];
  parts[(static_cast<int64_t>(blockIdx.z) * gridDim.y + blockIdx.y) * d + c] = sum;
}

inline void sum_words(const Launch& launch, const Operand& w, const WordSums& to) {
  const int64_t words = w.rows, d = w.cols, parts = ceil_div(words, kPartWords), copies = WordSums::copies(w, launch.lanes);
  const WordSums out = to;
  launch(word_sums_kernel, dim3(u32(ceil_div(d, kWarp)), u32(parts), u32(copies)), dim3(kWarp, kThreads / kWarp), 0, reader_of(launch, w), words, d, out.parts);
  for_copies(launch, copies, d, [=] __device__(int32_t copy, int64_t c) {
    double sum = 0;
    for (int64_t p = 0; p < parts; ++p) sum += out.parts[(copy * parts + p) * d + c];
    out.sums[copy * d + c] = static_cast<float>(sum);
  });
}

}  // namespace primer::cuda
