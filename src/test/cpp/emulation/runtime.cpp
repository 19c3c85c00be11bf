// The host's side of the emulated device: memory is the host's, a stream runs each call at once.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "cuda_runtime.h"

struct EmulatedGraph { std::vector<std::function<void()>> calls; };
struct EmulatedGraphExec { std::vector<std::function<void()>> calls; };
struct EmulatedStream { EmulatedGraph* capturing = nullptr; };
struct EmulatedEvent { std::chrono::steady_clock::time_point at; };

namespace {

constexpr size_t kAlignment = 256;  // as cudaMalloc's
constexpr int kRuntime = 13000;
constexpr int64_t kNever = -1;

// What tests set in the environment of a process to see an error:
int64_t setting(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoll(text, nullptr, 10) : otherwise;
}
// bytes that the device has,
size_t total_memory() { return static_cast<size_t>(setting("PRIMER_EMULATED_MEMORY", int64_t{4} << 30)); }
// the CUDA that the driver is for, as 12020; 0 for none,
int driver() { return static_cast<int>(setting("PRIMER_EMULATED_DRIVER", kRuntime)); }
int devices() { return static_cast<int>(setting("PRIMER_EMULATED_DEVICES", 1)); }
// the device's compute capability, as 75, of which there is code for 80 and newer,
int capability() { return static_cast<int>(setting("PRIMER_EMULATED_CAPABILITY", 90)); }
// the first graph, from 0, for which the device has no memory,
int64_t graph_without_memory() { return setting("PRIMER_EMULATED_GRAPH_WITHOUT_MEMORY", kNever); }
// and the graph launch, from 0, in which a kernel goes astray.
int64_t faulty_launch() { return setting("PRIMER_EMULATED_FAULTY_LAUNCH", kNever); }

// Once a kernel has failed, the device answers every call with that.
std::string fault;
bool faulty = false;
int64_t graphs = 0, launches = 0;
size_t used = 0;
std::set<std::pair<void*, size_t>> blocks;

}  // namespace

namespace emulation {

cudaError_t submit(cudaStream_t stream, std::function<void()> call) {
  if (stream && stream->capturing) {
    stream->capturing->calls.push_back(std::move(call));
    return cudaSuccess;
  }
  if (faulty) return cudaErrorLaunchFailure;
  try {
    call();
    return cudaSuccess;
  } catch (const std::exception& e) {
    fault = e.what();
    faulty = true;
    return cudaErrorLaunchFailure;
  }
}

}  // namespace emulation

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "no error";
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorInsufficientDriver: return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice: return "no CUDA-capable device is detected";
    case cudaErrorNoKernelImageForDevice: return "no kernel image is available for execution on the device";
    case cudaErrorLaunchFailure: return fault.c_str();
    default: return "invalid value";
  }
}

cudaError_t cudaGetLastError() { return cudaSuccess; }
cudaError_t cudaDriverGetVersion(int* version) { return *version = driver(), cudaSuccess; }
cudaError_t cudaRuntimeGetVersion(int* version) { return *version = kRuntime, cudaSuccess; }
cudaError_t cudaSetDevice(int device) { return device >= 0 && device < devices() ? cudaSuccess : cudaErrorInvalidValue; }
cudaError_t cudaDeviceSynchronize() { return faulty ? cudaErrorLaunchFailure : cudaSuccess; }

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
  *total = total_memory();
  *free = *total - used;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** memory, size_t bytes) {
  if (faulty) return cudaErrorLaunchFailure;
  if (used + bytes > total_memory()) return cudaErrorMemoryAllocation;
  *memory = std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
  if (!*memory) return cudaErrorMemoryAllocation;
  used += bytes;
  blocks.insert({*memory, bytes});
  return cudaSuccess;
}

cudaError_t cudaFree(void* memory) {
  if (faulty) return cudaErrorLaunchFailure;
  const auto block = blocks.lower_bound({memory, 0});
  if (block == blocks.end() || block->first != memory) return cudaErrorInvalidValue;
  used -= block->second;
  blocks.erase(block);
  std::free(memory);
  return cudaSuccess;
}

cudaError_t cudaHostAlloc(void** memory, size_t bytes, unsigned) {
  *memory = std::malloc(bytes);
  return *memory ? cudaSuccess : cudaErrorMemoryAllocation;
}

cudaError_t cudaFreeHost(void* memory) {
  std::free(memory);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  return emulation::submit(stream, [=] { std::memmove(target, source, bytes); });
}

cudaError_t cudaMemsetAsync(void* target, int value, size_t bytes, cudaStream_t stream) {
  return emulation::submit(stream, [=] { std::memset(target, value, bytes); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) { return *stream = new EmulatedStream, cudaSuccess; }

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaDeviceSynchronize(); }

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  stream->capturing = new EmulatedGraph;
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = std::exchange(stream->capturing, nullptr);
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  if (graphs++ == graph_without_memory()) return cudaErrorMemoryAllocation;
  *executable = new EmulatedGraphExec{graph->calls};
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  if (launches++ == faulty_launch()) return emulation::submit(stream, [] { throw std::runtime_error("an illegal memory access was encountered"); });
  for (const auto& call : executable->calls) {
    if (const cudaError_t error = emulation::submit(stream, call)) return error;
  }
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) { return *event = new EmulatedEvent, cudaSuccess; }

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) {
  event->at = std::chrono::steady_clock::now();
  return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  *milliseconds = std::chrono::duration<float, std::milli>(end->at - start->at).count();
  return cudaSuccess;
}
