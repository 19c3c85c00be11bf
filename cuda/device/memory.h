// Owners of the runtime's resources.
#pragma once

#include <memory>

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

inline DeviceBytes device_bytes(size_t bytes) {
  void* memory = nullptr;
  check(cudaMalloc(&memory, bytes), "allocate");
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
