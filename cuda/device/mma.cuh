// A warp's matrix instructions: products on tensor cores, their fragments from shared memory, copies into it past the registers.
//
// Every lane of the warp holds part of each matrix, a fragment. With g = lane / 4 and t = lane % 4 (PTX ISA, "Matrix Fragments for
// mma.m16n8k16 with floating point type" and "... mma.m16n8k8"):
//   mma_bf16, 16 x 8 += 16 x 16 times 16 x 8, a pair of neighbours in a register, the lower in the lower half:
//     a[0] (g, 2t..), a[1] (g + 8, 2t..), a[2] (g, 2t + 8..), a[3] (g + 8, 2t + 8..)     row, term
//     b[0] (2t.., g), b[1] (2t + 8.., g)                                                 term, column
//   mma_tf32, 16 x 8 += 16 x 8 times 8 x 8, a number in a register, its lower 13 bits not read:
//     a[0] (g, t), a[1] (g + 8, t), a[2] (g, t + 4), a[3] (g + 8, t + 4);  b[0] (t, g), b[1] (t + 4, g)
//   of both the sums:
//     d[0] (g, 2t), d[1] (g, 2t + 1), d[2] (g + 8, 2t), d[3] (g + 8, 2t + 1)             row, column
//   load_matrices: lane l names 16 bytes, row l % 8 of matrix l / 8 of 8 x 8 bf16; r[j] is then of matrix j the pair (g, 2t..), transposed
//   the pair (2t.., g).
// src/test/cpp/mma_test.cu holds these against plain products, on a GPU and under the emulation, whose twins have the same tables.
#pragma once

#include "bf16.cuh"

#ifndef __CUDACC__
#include "emulated_mma.h"
#endif

namespace primer::cuda {

// d += a b. Products are exact, sums float32.
__device__ __forceinline__ void mma_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
#ifdef __CUDACC__
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  ::emulation::mma_bf16(d, a, b);
#endif
}

// d += a b of numbers by to_tf32.
__device__ __forceinline__ void mma_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
#ifdef __CUDACC__
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  ::emulation::mma_tf32(d, a, b);
#endif
}

// The nearest number with 10 bits behind the leading one, ties away from zero.
__device__ __forceinline__ uint32_t to_tf32(float v) {
#ifdef __CUDACC__
  uint32_t bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(v));
  return bits;
#else
  return ::emulation::to_tf32(v);
#endif
}

#ifdef __CUDACC__
__device__ __forceinline__ uint32_t shared_address(const void* at) { return static_cast<uint32_t>(__cvta_generic_to_shared(at)); }
#endif

// Four matrices from shared memory, 16 bytes a row, at multiples of 16 bytes.
__device__ __forceinline__ void load_matrices(uint32_t (&r)[4], const void* row) {
#ifdef __CUDACC__
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
#else
  ::emulation::load_matrices(r, row, 4, false);
#endif
}

__device__ __forceinline__ void load_matrices_transposed(uint32_t (&r)[4], const void* row) {
#ifdef __CUDACC__
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
#else
  ::emulation::load_matrices(r, row, 4, true);
#endif
}

// Two matrices, whose rows lanes 0 to 15 name.
__device__ __forceinline__ void load_matrices(uint32_t (&r)[2], const void* row) {
#ifdef __CUDACC__
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];" : "=r"(r[0]), "=r"(r[1]) : "r"(shared_address(row)) : "memory");
#else
  ::emulation::load_matrices(r, row, 2, false);
#endif
}

__device__ __forceinline__ void load_matrices_transposed(uint32_t (&r)[2], const void* row) {
#ifdef __CUDACC__
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];" : "=r"(r[0]), "=r"(r[1]) : "r"(shared_address(row)) : "memory");
#else
  ::emulation::load_matrices(r, row, 2, true);
#endif
}

// Copies kBytes (4, 8 or 16, aligned so) into shared memory, zeros where `inside` is false; done when the thread has waited for the copies'
// group, and seen by others behind a barrier after that. `from` is not read where `inside` is false.
template <int kBytes>
__device__ __forceinline__ void copy_async(void* to, const void* from, bool inside) {
  static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16);
#ifdef __CUDACC__
  const int bytes = inside ? kBytes : 0;
  if constexpr (kBytes == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)), "l"(from), "r"(bytes) : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(shared_address(to)), "l"(from), "n"(kBytes), "r"(bytes) : "memory");
  }
#else
  ::emulation::copy_later(to, inside ? from : nullptr, kBytes);
#endif
}

// Ends a group of the thread's copies.
__device__ __forceinline__ void commit_copies() {
#ifdef __CUDACC__
  asm volatile("cp.async.commit_group;" ::: "memory");
#else
  ::emulation::commit_copies();
#endif
}

// Waits until no more than the kLater latest of the thread's groups are under way.
template <int kLater>
__device__ __forceinline__ void wait_copies() {
#ifdef __CUDACC__
  asm volatile("cp.async.wait_group %0;" ::"n"(kLater) : "memory");
#else
  ::emulation::wait_copies(kLater);
#endif
}

}  // namespace primer::cuda
