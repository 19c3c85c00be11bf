#include "staging.h"

#include <cstring>

namespace primer::cuda {

void Staging::send(char* target, const char* source, int64_t bytes, cudaStream_t stream) {
  Slot& slot = slots_[next_];
  next_ = (next_ + 1) % slots_.size();
  check(cudaEventSynchronize(slot.copied), "wait for a batch's copy");
  if (slot.bytes < bytes) {
    slot.memory = pinned_bytes(static_cast<size_t>(bytes));
    slot.bytes = bytes;
  }
  std::memcpy(slot.memory.get(), source, static_cast<size_t>(bytes));
  check(cudaMemcpyAsync(target, slot.memory.get(), static_cast<size_t>(bytes), cudaMemcpyHostToDevice, stream), "copy a batch");
  check(cudaEventRecord(slot.copied, stream), "copy a batch");
}

}  // namespace primer::cuda
