// cached_attention: one step of causal attention for generation, float32. q, k, v [B, d], a new token a row; the caches [C, d].
// Row b's k and v go to the cache row slot[b]; then o[b] = softmax(s q[b] K^T + bias) V over the lane's prefix and the cache rows
// past[pastOffsets[b]..pastOffsets[b + 1]) in order, the last of them slot[b]; a relative bias (relative_bias.cuh) is that of the query as
// the last position, and the prefix has none. Java has checked that slots differ and end their rows' lists. o overwrites.
// Accumulation: float32 by FMA whatever the precision: a row has one query, and products with one row do not fill tensor cores.
// A block has a row's head. It goes over the keys in tiles, which end in a running maximum and sum (as in Dao et al. 2022), so that lists may
// be of any length: 8 threads share a key's products (32 neighbouring bytes a load), then a warp has the values of every 8th key, and the warps'
// sums are added in order. Keys and values are read where they lie, nothing is copied; beams that share a past find it in L2.
// Floor: reading each row's keys and values once, 8 bytes a column: 60 rows of 768 columns 370 KB, 0.1 us of an H200's memory. What counts
// is the latency of two launches and of a tile, some microseconds.
#include "device/kernel.h"
#include "device/loops.cuh"
#include "device/shared.cuh"
#include "relative_bias.cuh"

namespace primer::cuda {
namespace {

enum Operands : size_t { kQ, kK, kV, kCacheKeys, kCacheValues, kSlot, kPast, kPastOffsets, kBias, kPrefixKeys, kPrefixValues, kO };

constexpr int kTileKeys = 256, kWarps = kThreads / kWarp, kKeyThreads = 8;

// The cache row that a tile's key lies in, or -1 - row for one of the prefix.
struct Tile {
  int32_t row[kTileKeys];
  float score[kTileKeys];  // then its exponential
};

// integers heads, longest list, bidirectional, smallest distances
struct Step {
  const float *q, *cache_keys, *cache_values;
  const int32_t *past, *past_offsets;
  Laned<const float> bias, prefix_keys, prefix_values;
  float* o;
  Rows rows;
  Buckets buckets;
  int32_t heads, width, prefix;
  float scale;

  __device__ int64_t d() const { return static_cast<int64_t>(heads) * width; }
  __device__ const float* row_of(int32_t row, const float* cache, const float* front) const { return row < 0 ? front - (row + 1) * d() : cache + row * d(); }

  // The tile's rows from key `first` on, and the scores of the block's row b and head.
  __device__ void score(int32_t b, int32_t head, int32_t lane, int32_t first, int32_t count, int32_t keys, Tile& tile) const {
    const int32_t* list = past + past_offsets[b];
    for (int32_t j = static_cast<int32_t>(threadIdx.x); j < count; j += kThreads) {
      tile.row[j] = first + j < prefix ? -1 - (first + j) : list[first + j - prefix];
    }
    __syncthreads();
    const int32_t at = static_cast<int32_t>(threadIdx.x) % kKeyThreads;
    const float *query = q + b * d() + head * width, *front = prefix_keys.of(lane);
    // Every thread takes part in the sums, with or without a key.
    for (int32_t j0 = 0; j0 < count; j0 += kThreads / kKeyThreads) {
      const int32_t j = j0 + static_cast<int32_t>(threadIdx.x) / kKeyThreads;
      float sum = 0;
      if (j < count) {
        const float* key = row_of(tile.row[j], cache_keys, front) + head * width;
        for (int32_t c = at; c < width; c += kKeyThreads) sum += query[c] * key[c];
      }
      for (int distance = kKeyThreads / 2; distance > 0; distance /= 2) sum += __shfl_xor_sync(kWholeWarp, sum, distance);
      if (j < count && at == 0) tile.score[j] = scale * sum + bias_of(head, lane, first + j, keys);
    }
    __syncthreads();
  }

  __device__ float bias_of(int32_t head, int32_t lane, int32_t key, int32_t keys) const {
    return buckets.count == 0 || key < prefix ? 0.0f : bias.of(lane)[buckets.of(key - (keys - 1)) * heads + head];
  }
};

// Shared memory: a tile, places for the warps' maxima and sums, and each warp's weighted sum of values [kWarps][width].
__global__ void __launch_bounds__(kThreads) cached_attention_kernel(Step step) {
  __shared__ Tile tile;
  __shared__ float places[2][kWarps];
  float* mixed = &dynamic_shared<float>();
  const int32_t b = static_cast<int32_t>(blockIdx.y), head = static_cast<int32_t>(blockIdx.x);
  if (b >= step.rows.total()) return;
  const int32_t lane = step.rows.lane_of(b), warp = static_cast<int32_t>(threadIdx.x) / kWarp;
  const int32_t keys = step.prefix + step.past_offsets[b + 1] - step.past_offsets[b];
  const float* front = step.prefix_values.of(lane);
  float* mine = mixed + warp * step.width;
  for (int32_t c = warp_lane(); c < step.width; c += kWarp) mine[c] = 0;
  float top = -INFINITY, sum = 0;
  for (int32_t first = 0; first < keys; first += kTileKeys) {
    const int32_t count = keys - first < kTileKeys ? keys - first : kTileKeys;
    step.score(b, head, lane, first, count, keys, tile);
    float best = top, part = 0;
    for (int32_t j = static_cast<int32_t>(threadIdx.x); j < count; j += kThreads) best = tile.score[j] > best ? tile.score[j] : best;
    best = block_max(best, places[0]);
    for (int32_t j = static_cast<int32_t>(threadIdx.x); j < count; j += kThreads) part += tile.score[j] = ::expf(tile.score[j] - best);
    const float shrink = ::expf(top - best);
    sum = sum * shrink + block_sum(part, places[1]);
    top = best;
    for (int32_t c = warp_lane(); c < step.width; c += kWarp) {
      float value = mine[c] * shrink;
      for (int32_t j = warp; j < count; j += kWarps) value += tile.score[j] * step.row_of(tile.row[j], step.cache_values, front)[head * step.width + c];
      mine[c] = value;
    }
    __syncthreads();
  }
  for (int32_t c = static_cast<int32_t>(threadIdx.x); c < step.width; c += kThreads) {
    float value = 0;
    for (int32_t w = 0; w < kWarps; ++w) value += mixed[w * step.width + c];
    step.o[b * step.d() + head * step.width + c] = value / sum;
  }
}

// The new keys and values go to their slots before any row reads them.
void store_new(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *k = launch.data<const float>(o[kK]), *v = launch.data<const float>(o[kV]);
  const int32_t* slot = launch.data<const int32_t>(o[kSlot]);
  float *keys = launch.data<float>(o[kCacheKeys]), *values = launch.data<float>(o[kCacheValues]);
  const int64_t d = o[kQ].cols;
  for_numbers(launch, o[kQ], [=] __device__(int64_t r, int32_t c) {
    keys[slot[r] * d + c] = k[r * d + c];
    values[slot[r] * d + c] = v[r * d + c];
  });
}

void cached_attention(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  store_new(launch, i);
  const int32_t heads = static_cast<int32_t>(i.integers[0]), width = static_cast<int32_t>(o[kQ].cols) / heads;
  const Step step{launch.data<const float>(o[kQ]), launch.data<const float>(o[kCacheKeys]), launch.data<const float>(o[kCacheValues]),
                  launch.data<const int32_t>(o[kPast]), launch.data<const int32_t>(o[kPastOffsets]), launch.laned<const float>(o[kBias]),
                  launch.laned<const float>(o[kPrefixKeys]), launch.laned<const float>(o[kPrefixValues]), launch.data<float>(o[kO]),
                  launch.rows(o[kQ]), buckets_of(launch, i, 2), heads, width,
                  launch.present(o[kPrefixKeys]) ? static_cast<int32_t>(o[kPrefixKeys].rows) : 0, static_cast<float>(i.reals[0])};
  launch(cached_attention_kernel, dim3(u32(heads), u32(launch.most_rows(o[kQ]))), kThreads, static_cast<size_t>(kWarps) * width * sizeof(float), step);
}

PRIMER_REGISTER("cached_attention", 12, cached_attention, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
