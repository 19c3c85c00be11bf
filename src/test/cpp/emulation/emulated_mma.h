// Twins of a warp's matrix instructions (cuda/device/mma.cuh has the tables), and of asynchronous copies, which happen no earlier than
// they are waited for: who reads without waiting reads what was there before.
#pragma once

#include <cstddef>
#include <cstdint>

namespace emulation {

// Sums are rounded to float32 once an instruction; tensor cores round differently, but no more coarsely than float32's last bit a term.
void mma_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]);
void mma_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]);
uint32_t to_tf32(float v);
// r: as many registers as matrices.
void load_matrices(uint32_t* r, const void* row, uint32_t matrices, bool transposed);

// Zeros where `from` is null.
void copy_later(void* to, const void* from, size_t bytes);
void commit_copies();
void wait_copies(int later);

}  // namespace emulation
