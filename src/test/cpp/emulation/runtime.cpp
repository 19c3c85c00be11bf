// The emulated device and its memory, which is the host's.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "cuda_runtime.h"
#include "state.h"

using namespace emulation;

namespace {

constexpr size_t kAlignment = 256;  // as cudaMalloc's
constexpr int kRuntime = 13000;

// What tests set in the environment of a process: bytes that the device has,
size_t total_memory() { return static_cast<size_t>(setting("PRIMER_EMULATED_MEMORY", int64_t{4} << 30)); }
// the CUDA that the driver is for, as 12020; 0 for none,
int driver() { return static_cast<int>(setting("PRIMER_EMULATED_DRIVER", kRuntime)); }
int devices() { return static_cast<int>(setting("PRIMER_EMULATED_DEVICES", 1)); }
// the device's compute capability, as 75, of which there is code for 80 and newer.
int capability() { return static_cast<int>(setting("PRIMER_EMULATED_CAPABILITY", 90)); }

size_t used = 0;
std::set<std::pair<void*, size_t>> blocks;

}  // namespace

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "no error";
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorInsufficientDriver: return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice: return "no CUDA-capable device is detected";
    case cudaErrorNoKernelImageForDevice: return "no kernel image is available for execution on the device";
    case cudaErrorLaunchFailure: return fault.c_str();
    case cudaErrorStreamCaptureUnsupported: return "operation not permitted when stream is capturing";
    case cudaErrorStreamCaptureInvalidated: return "operation failed due to a previous error during capture";
    case cudaErrorStreamCaptureUnmatched: return "the stream is not capturing";
    case cudaErrorStreamCaptureIsolation: return "dependency created on uncaptured work in another stream";
    case cudaErrorCapturedEvent: return "operation not permitted on an event last recorded in a capturing stream";
    case cudaErrorStreamCaptureWrongThread: return "attempt to terminate a thread-local capture sequence from another thread";
    default: return "invalid value";
  }
}

cudaError_t cudaGetLastError() { return cudaSuccess; }
cudaError_t cudaDriverGetVersion(int* version) { return *version = driver(), cudaSuccess; }
cudaError_t cudaRuntimeGetVersion(int* version) { return *version = kRuntime, cudaSuccess; }
cudaError_t cudaSetDevice(int device) { return device >= 0 && device < devices() ? cudaSuccess : cudaErrorInvalidValue; }

cudaError_t cudaGetDeviceCount(int* count) {
  if (driver() < kRuntime) return cudaErrorInsufficientDriver;
  *count = devices();
  return *count == 0 ? cudaErrorNoDevice : cudaSuccess;
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, void (*)()) {
  *attributes = {};
  return capability() < 80 ? cudaErrorNoKernelImageForDevice : cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {};
  std::snprintf(properties->name, sizeof properties->name, "emulated on the host");
  properties->totalGlobalMem = total_memory();
  properties->sharedMemPerBlockOptin = 227 << 10;
  properties->major = capability() / 10;
  properties->minor = capability() % 10;
  properties->multiProcessorCount = 4;
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  const Lock lock(state);
  *total = total_memory();
  *free = *total - used;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** memory, size_t bytes) {
  const Lock lock(state);
  if (const cudaError_t error = unsafe_call()) return error;
  if (used + bytes > total_memory()) return cudaErrorMemoryAllocation;
  // No more than asked for: AddressSanitizer sees what is behind it.
  if (posix_memalign(memory, kAlignment, std::max<size_t>(bytes, 1))) return cudaErrorMemoryAllocation;
  used += bytes;
  blocks.insert({*memory, bytes});
  return cudaSuccess;
}

cudaError_t cudaFree(void* memory) {
  const Lock lock(state);
  if (const cudaError_t error = unsafe_call()) return error;
  finish_all();
  if (!fault.empty()) return cudaErrorLaunchFailure;
  const auto block = blocks.lower_bound({memory, 0});
  if (block == blocks.end() || block->first != memory) return cudaErrorInvalidValue;
  used -= block->second;
  blocks.erase(block);
  std::free(memory);
  return cudaSuccess;
}

cudaError_t cudaHostAlloc(void** memory, size_t bytes, unsigned) {
  const Lock lock(state);
  if (const cudaError_t error = unsafe_call()) return error;
  *memory = std::malloc(bytes);
  return *memory ? cudaSuccess : cudaErrorMemoryAllocation;
}

cudaError_t cudaFreeHost(void* memory) {
  const Lock lock(state);
  if (const cudaError_t error = unsafe_call()) return error;
  std::free(memory);
  return cudaSuccess;
}
