// What the engine's core finds in this library.
#include "core/device_library.h"
#include "cublaslt.h"
#include "cuda_device.h"
#include "cudnn.h"

namespace primer::cuda {
namespace {

std::string version(int number) { return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10); }

std::string report() {
  int driver = 0, runtime = 0, count = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  std::string text = "cuda driver: " + (driver ? "for CUDA " + version(driver) : "none; install NVIDIA's driver") + "\ncuda runtime: " + version(runtime) +
                     "\ncublaslt: " + cublaslt_finding() + "\ncudnn: " + cudnn::finding() + "\n";
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) return text + "cuda devices: none, " + cudaGetErrorString(error) + "\n";
  for (int d = 0; d < count; ++d) {
    cudaDeviceProp p;
    if (cudaGetDeviceProperties(&p, d) != cudaSuccess) continue;
    text += "cuda:" + std::to_string(d) + ": " + p.name + ", compute capability " + std::to_string(p.major) + "." + std::to_string(p.minor) + ", " +
            std::to_string(p.totalGlobalMem >> 20) + " MiB\n";
  }
  return text;
}

int32_t count() {
  int devices = 0;
  check(cudaGetDeviceCount(&devices), "ask the driver for its devices");
  return devices;
}

std::unique_ptr<Device> open(int32_t ordinal) { return std::make_unique<CudaDevice>(ordinal); }

const DeviceLibrary kLibrary{kDeviceLibraryVersion, report, count, open};

}  // namespace
}  // namespace primer::cuda

extern "C" __attribute__((visibility("default"))) const primer::DeviceLibrary* primer_device_library() { return &primer::cuda::kLibrary; }
