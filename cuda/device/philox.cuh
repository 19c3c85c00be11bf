// Counter-based random numbers: Philox 4x32 with 10 rounds (Salmon et al. 2011, sec. 3.3); the same numbers as on the CPU.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace primer::cuda {

struct Philox {
  uint32_t key[2];

  // Four independent 32-bit numbers for one counter.
  __device__ void operator()(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t out[4]) const {
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; ++round) {
      const uint32_t high_a = __umulhi(0xD2511F53u, c0), low_a = 0xD2511F53u * c0, high_b = __umulhi(0xCD9E8D57u, c2), low_b = 0xCD9E8D57u * c2;
      c0 = high_b ^ c1 ^ k0;
      c1 = low_b;
      c2 = high_a ^ c3 ^ k1;
      c3 = low_a;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }
};

}  // namespace primer::cuda
