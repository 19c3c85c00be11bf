// Owners of the runtime's resources.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "launch.h"

namespace primer::cuda {

struct FreeDevice { void operator()(void* p) const { cudaFree(p); } };
struct FreePinned { void operator()(void* p) const { cudaFreeHost(p); } };
struct DestroyGraph {
  void operator()(cudaGraph_t g) const { cudaGraphDestroy(g); }
  void operator()(cudaGraphExec_t g) const { cudaGraphExecDestroy(g); }
};
using DeviceBytes = std::unique_ptr<void, FreeDevice>;
using PinnedBytes = std::unique_ptr<void, FreePinned>;
using CapturedGraph = std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, DestroyGraph>;
using ExecutableGraph = std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, DestroyGraph>;

// A lack of memory passes: it is reported with what was asked for and what is free, and the runtime's last error is taken away.
inline DeviceBytes device_bytes(size_t bytes) {
  void* memory = nullptr;
  const cudaError_t error = cudaMalloc(&memory, bytes);
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "ask for free memory");
    throw std::runtime_error("allocate: the device has no memory left for " + std::to_string(bytes) + " bytes; " + std::to_string(free) + " are free");
  }
  check(error, "allocate");
  return DeviceBytes(memory);
}

inline PinnedBytes pinned_bytes(size_t bytes) {
  void* memory = nullptr;
  check(cudaHostAlloc(&memory, bytes, cudaHostAllocDefault), "allocate pinned host memory");
  return PinnedBytes(memory);
}

class Event {
 public:
  explicit Event(unsigned flags = cudaEventDisableTiming) { check(cudaEventCreateWithFlags(&event_, flags), "make an event"); }
  ~Event() { cudaEventDestroy(event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  operator cudaEvent_t() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace primer::cuda
