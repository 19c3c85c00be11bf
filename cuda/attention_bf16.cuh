// Attention's products on tensor cores: what a tile's numbers are multiplied as is bf16, sums are float32.
#pragma once

#include "attention_tiles.cuh"
#include "device/mma.cuh"

namespace primer::cuda {

// Rows 8 numbers longer than the tile's: ldmatrix reads 8 rows of 16 bytes at a time, which so lie in different banks. Weights of `mix` stay in
// registers: two groups of sums are a fragment of the left factor.
struct Bf16Math {
  using Element = Bf16;
  static constexpr int kPad = 8;
  template <int kColumns>
  struct Strips {};

  static __device__ __forceinline__ void put(Bf16* to, float4 v) {
    uint2 pairs;
    pairs.x = bf16_pair(v.x, v.y);
    pairs.y = bf16_pair(v.z, v.w);
    *reinterpret_cast<uint2*>(to) = pairs;
  }
  static __device__ __forceinline__ float exponential(float x) { return ::__expf(x); }

  template <int kWidth, int kColumns>
  static __device__ __forceinline__ void products(const Bf16 (&rows)[kTile][kWidth + kPad], const Bf16 (&columns)[kColumns][kWidth + kPad],
                                                  Sums<kColumns>& sums) {
    const int l = warp_lane();
#pragma unroll
    for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) sums[n][e] = 0;
    }
#pragma unroll
    for (int t = 0; t < kWidth; t += 16) {
      uint32_t a[4];
      load_matrices(a, &rows[strip_row() + l % 16][t + l / 16 * 8]);
#pragma unroll
      for (int n = 0; n < kColumns / kGroup; n += 2) {
        uint32_t b[4];  // both halves of the terms for one group, then for the next
        load_matrices(b, &columns[n * kGroup + l / 16 * 8 + l % 8][t + l / 8 % 2 * 8]);
        mma_bf16(sums[n], a, {b[0], b[1]});
        mma_bf16(sums[n + 1], a, {b[2], b[3]});
      }
    }
  }

  template <int kWidth, int kColumns>
  static __device__ __forceinline__ void mix(const Sums<kColumns>& weights, Strips<kColumns>&, const Bf16 (&values)[kColumns][kWidth + kPad],
                                             Sums<kWidth>& sums) {
    const int l = warp_lane();
#pragma unroll
    for (int j = 0; j < kColumns; j += 16) {
      const auto& low = weights[j / kGroup];
      const auto& high = weights[j / kGroup + 1];
      const uint32_t a[4] = {bf16_pair(low[0], low[1]), bf16_pair(low[2], low[3]), bf16_pair(high[0], high[1]), bf16_pair(high[2], high[3])};
#pragma unroll
      for (int n = 0; n < kWidth / kGroup; n += 2) {
        uint32_t b[4];
        load_matrices_transposed(b, &values[j + l % 16][n * kGroup + l / 16 * 8]);
        mma_bf16(sums[n], a, {b[0], b[1]});
        mma_bf16(sums[n + 1], a, {b[2], b[3]});
      }
    }
  }
};

// f of how to multiply and of the narrowest tiles that a head fits in. Programs in bf16 multiply so here too; those in tf32 by FMA, as
// float32 ones do.
template <class F>
void with_kernel(const Launch& launch, int64_t width, F f) {
  with_width(width, [&]<int kWidth>() {
    if (launch.precision == Precision::bf16) return f.template operator()<Bf16Math, kWidth>();
    return f.template operator()<Float32Math, kWidth>();
  });
}

}  // namespace primer::cuda
