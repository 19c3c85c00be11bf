#include "architecture.h"

#include "launch.h"

namespace primer::cuda {
namespace {

__global__ void probe_kernel() {}

}  // namespace

std::string architecture_obstacle() {
  cudaFuncAttributes attributes;
  const cudaError_t error = cudaFuncGetAttributes(&attributes, probe_kernel);
  if (error == cudaSuccess) return "";
  cudaGetLastError();
  if (error != cudaErrorNoKernelImageForDevice) return cudaGetErrorString(error);
  return "this build has no code for it, only for " PRIMER_CUDA_TARGETS " (the first also for newer ones); build with -Dcuda.architectures=NN, its compute capability without the dot";
}

}  // namespace primer::cuda
