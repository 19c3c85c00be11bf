#include "kernel.h"

#include <cstring>

// The linker puts these symbols around the section that PRIMER_REGISTER fills.
extern "C" __attribute__((visibility("hidden"))) const primer::cuda::Kernel* const __start_primer_cuda_kernels[];
extern "C" __attribute__((visibility("hidden"))) const primer::cuda::Kernel* const __stop_primer_cuda_kernels[];

namespace primer::cuda {

int32_t find_kernel(const char* name) {
  for (auto k = __start_primer_cuda_kernels; k != __stop_primer_cuda_kernels; ++k) {
    if (std::strcmp((*k)->name, name) == 0) return static_cast<int32_t>(k - __start_primer_cuda_kernels);
  }
  return -1;
}

const Kernel& kernel_at(int32_t id) {
  if (id < 0 || id >= __stop_primer_cuda_kernels - __start_primer_cuda_kernels) throw std::runtime_error("program: no kernel of that number");
  return *__start_primer_cuda_kernels[id];
}

}  // namespace primer::cuda
