// To and from bfloat16.
#pragma once

#include "bf16.h"

namespace primer::cuda {

__device__ __forceinline__ float to_float(Bf16 v) { return __uint_as_float(static_cast<uint32_t>(v.bits) << 16); }
__device__ __forceinline__ float to_float(float v) { return v; }

// Two numbers, the low one in the lower half, each rounded to the nearest, ties to even; NaN stays NaN. One instruction since sm_80.
__device__ __forceinline__ uint32_t bf16_pair(float low, float high) {
#ifdef __CUDA_ARCH__
  uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
#else
  const auto half = [](float v) {
    const uint32_t bits = __float_as_uint(v);
    return v == v ? (bits + 0x7FFF + (bits >> 16 & 1)) >> 16 : 0x7FFFu;
  };
  return half(low) | half(high) << 16;
#endif
}

__device__ __forceinline__ Bf16 to_bf16(float v) { return {static_cast<uint16_t>(bf16_pair(v, 0.0f))}; }

}  // namespace primer::cuda
