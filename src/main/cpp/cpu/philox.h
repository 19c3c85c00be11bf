// Counter-based random numbers: Philox 4x32 with 10 rounds (Salmon et al. 2011, sec. 3.3).
#pragma once

#include "cpu/isa.h"

PRIMER_KERNELS {

struct Philox {
  uint32_t key[2];

  // Four independent 32-bit numbers for one counter.
  void operator()(const uint32_t counter[4], uint32_t out[4]) const {
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]}, k[2] = {key[0], key[1]};
    for (int round = 0; round < 10; ++round) {
      const uint64_t a = uint64_t{0xD2511F53} * c[0], b = uint64_t{0xCD9E8D57} * c[2];
      const uint32_t next[4] = {static_cast<uint32_t>(b >> 32) ^ c[1] ^ k[0], static_cast<uint32_t>(b),
                                static_cast<uint32_t>(a >> 32) ^ c[3] ^ k[1], static_cast<uint32_t>(a)};
      std::memcpy(c, next, sizeof c);
      k[0] += 0x9E3779B9;
      k[1] += 0xBB67AE85;
    }
    std::memcpy(out, c, sizeof c);
  }
};

}  // namespace primer::PRIMER_ISA
