// Shared memory whose size the launch names.
#pragma once

#include <cuda_runtime.h>

#include "launch.h"

namespace primer::cuda {

template <class T>
__device__ __forceinline__ T& dynamic_shared() {
#ifdef __CUDACC__
  extern __shared__ __align__(16) unsigned char dynamic_shared_bytes[];
  return *reinterpret_cast<T*>(dynamic_shared_bytes);
#else
  return *static_cast<T*>(emulation::shared_memory());
#endif
}

// Launches a kernel whose blocks share one T, which may exceed the 48 KB that a kernel has without asking.
template <class T, class... Formal, class... Actual>
void launch_sharing(const Launch& launch, void (*kernel)(Formal...), dim3 grid, dim3 block, Actual... actual) {
  static_assert(sizeof(T) <= 163 * 1024, "a block of compute capability 8.0 has no more");
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(sizeof(T))), "shared memory");
  launch(kernel, grid, block, sizeof(T), actual...);
}

}  // namespace primer::cuda
