// What the engine's core finds in this library.
#include "architecture.h"
#include "core/device_library.h"
#include "cublaslt.h"
#include "cuda_device.h"
#include "cudnn.h"
#include "optional_library.h"

namespace primer::cuda {
namespace {

std::string version_text(int number) { return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10); }

// 0 where there is no driver.
int driver_version() {
  int version = 0;
  return cudaDriverGetVersion(&version) == cudaSuccess ? version : 0;
}

int runtime_version() {
  int version = 0;
  cudaRuntimeGetVersion(&version);
  return version;
}

std::string driver_finding() {
  const int driver = driver_version(), runtime = runtime_version();
  if (driver == 0) return "absent; install NVIDIA's driver for CUDA " + version_text(runtime) + " or newer";
  if (driver / 1000 < runtime / 1000) return "too old: it is for CUDA " + version_text(driver) + "; install one for CUDA " + version_text(runtime) + " or newer";
  return "present: for CUDA " + version_text(driver);
}

// A clause.
std::string no_device(cudaError_t error) {
  switch (error) {
    case cudaErrorInsufficientDriver: return "NVIDIA's driver is " + driver_finding();
    case cudaErrorNoDevice: return "the driver finds no NVIDIA GPU; see what nvidia-smi says, and CUDA_VISIBLE_DEVICES";
    default: return cudaGetErrorString(error);
  }
}

std::string device_finding(int ordinal) {
  cudaDeviceProp p;
  cudaError_t error = cudaGetDeviceProperties(&p, ordinal);
  if (error == cudaSuccess) error = cudaSetDevice(ordinal);
  if (error != cudaSuccess) return std::string("unusable: ") + cudaGetErrorString(error);
  const std::string obstacle = architecture_obstacle(), text = std::string(p.name) + ", compute capability " + std::to_string(p.major) + "." +
                                                               std::to_string(p.minor) + ", " + std::to_string(p.totalGlobalMem >> 20) + " MiB";
  if (!obstacle.empty()) return "unusable: " + text + ": " + obstacle;
  size_t free = 0, total = 0;
  return "present: " + text + (cudaMemGetInfo(&free, &total) == cudaSuccess ? ", " + std::to_string(free >> 20) + " MiB free" : "");
}

std::string report() {
  std::string text = "cuda driver: " + driver_finding() + "\ncuda runtime: present: " + version_text(runtime_version()) + ", code for " PRIMER_CUDA_TARGETS +
                     "\ncublaslt: " + cublaslt_finding() + "\ncudnn: " + cudnn::finding() + "\nnccl: " + nccl_finding() + "\n";
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) cudaGetLastError();
  for (int d = 0; d < count; ++d) text += "cuda:" + std::to_string(d) + ": " + device_finding(d) + "\n";
  return text;
}

int32_t count() {
  int devices = 0;
  const cudaError_t error = cudaGetDeviceCount(&devices);
  if (error == cudaSuccess) return devices;
  cudaGetLastError();
  throw std::runtime_error(no_device(error));
}

std::unique_ptr<Device> open(int32_t ordinal) { return std::make_unique<CudaDevice>(ordinal); }

const DeviceLibrary kLibrary{kDeviceLibraryVersion, report, missing_libraries, count, open};

}  // namespace
}  // namespace primer::cuda

extern "C" __attribute__((visibility("default"))) const primer::DeviceLibrary* primer_device_library() { return &primer::cuda::kLibrary; }
