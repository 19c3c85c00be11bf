// What an op's launcher sees of a program: where its operands lie and how many rows they may have. Kernels are launched with
// shapes that depend on the bucket alone; how many rows there are, they read on the device, so that a captured graph serves
// every batch of its bucket.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "bf16.h"
#include "core/device.h"
#include "core/instruction.h"
#include "rows.cuh"

namespace primer::cuda {

inline void check(cudaError_t error, const char* doing) {
  if (error != cudaSuccess) throw std::runtime_error(std::string(doing) + ": " + cudaGetErrorString(error));
}

constexpr int64_t ceil_div(int64_t n, int64_t by) { return (n + by - 1) / by; }

inline bool is_bf16(Layout layout) { return layout == Layout::packed_bf16 || layout == Layout::rows_bf16; }
inline bool is_bf16(const Operand& o) { return is_bf16(o.layout); }

template <class... Formal, class... Actual>
void start(cudaStream_t stream, void (*kernel)(Formal...), dim3 grid, dim3 block, size_t shared_bytes, Actual... actual) {
  if (grid.x == 0 || grid.y == 0 || grid.z == 0) return;
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  check(cudaLaunchKernelEx(&config, kernel, static_cast<Formal>(actual)...), "launch");
}

class AttentionChoices;
class LibraryProducts;

struct Launch {
  cudaStream_t stream;
  char* arena;
  char* scratch;             // the instruction's own
  int64_t lanes;
  const int32_t* axes;       // on the device, int32 [axes][lanes + 1]
  const int32_t* bucket;     // on the host, the most rows of each axis that this bucket has
  const int64_t* integers;   // the instruction's, on the device
  int processors;            // multiprocessors of the device
  Precision precision;       // of products with dense weights and of their gradients
  LibraryProducts* products;  // null where our own kernels compute them
  const AttentionChoices* attention;  // null where our own kernels compute it

  bool present(const Operand& o) const { return o.space != Space::none; }

  // Null where the operand is left out. Throws for numbers of a type that do not lie there.
  template <class T>
  T* data(const Operand& o, int64_t lane = 0) const {
    if (!present(o)) return nullptr;
    if (std::is_same_v<std::remove_const_t<T>, Bf16> != is_bf16(o)) throw std::runtime_error("it reads weights of another type than these");
    char* base = o.space == Space::arena ? arena + o.offset : reinterpret_cast<char*>(o.offset);
    return reinterpret_cast<T*>(base + lane * o.lane_stride);
  }

  // A value with a copy a lane, or one for all (stride 0).
  template <class T>
  Laned<T> laned(const Operand& o) const { return {data<T>(o), o.lane_stride / static_cast<int64_t>(sizeof(T))}; }

  // The rows of an operand, lane by lane.
  Rows rows(const Operand& o) const {
    return o.axis < 0 ? Rows{nullptr, static_cast<int32_t>(lanes), static_cast<int32_t>(o.rows)}
                      : Rows{axes + o.axis * (lanes + 1), static_cast<int32_t>(lanes), 0};
  }

  // No fewer than the rows there are, all lanes together.
  int64_t most_rows(const Operand& o) const { return o.axis < 0 ? o.rows : bucket[o.axis]; }

  template <class... Formal, class... Actual>
  void operator()(void (*kernel)(Formal...), dim3 grid, dim3 block, size_t shared_bytes, Actual... actual) const {
    start(stream, kernel, grid, block, shared_bytes, actual...);
  }
};

inline uint32_t u32(int64_t n) {
  if (n < 0 || n > 0x7FFFFFFF) throw std::runtime_error("launch: a grid of " + std::to_string(n) + " blocks");
  return static_cast<uint32_t>(n);
}

}  // namespace primer::cuda
