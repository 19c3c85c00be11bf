#include "staging.h"

#include <cstring>

namespace primer::cuda {

Staging::~Staging() {
  for (const Slot& slot : slots_) cudaEventSynchronize(slot.taken);
}

void Staging::send(char* target, const char* source, int64_t bytes, cudaStream_t copies, cudaStream_t stream) {
  Slot& slot = slots_[next_];
  next_ = (next_ + 1) % slots_.size();
  const size_t size = static_cast<size_t>(bytes);
  check(cudaEventSynchronize(slot.copied), "wait for a batch's copy");
  if (slot.bytes < bytes) {
    check(cudaEventSynchronize(slot.taken), "wait for a batch's copy");
    slot.bytes = 0;
    slot.written = pinned_bytes(size);
    slot.brought = device_bytes(size);
    slot.bytes = bytes;
  }
  std::memcpy(slot.written.get(), source, size);
  check(cudaStreamWaitEvent(copies, slot.taken, 0), "copy a batch");
  check(cudaMemcpyAsync(slot.brought.get(), slot.written.get(), size, cudaMemcpyHostToDevice, copies), "copy a batch");
  check(cudaEventRecord(slot.copied, copies), "copy a batch");
  check(cudaStreamWaitEvent(stream, slot.copied, 0), "copy a batch");
  check(cudaMemcpyAsync(target, slot.brought.get(), size, cudaMemcpyDeviceToDevice, stream), "copy a batch");
  check(cudaEventRecord(slot.taken, stream), "copy a batch");
}

}  // namespace primer::cuda
