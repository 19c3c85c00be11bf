// The way of a batch to the device, which overlaps with the batch before: the host writes pinned memory, a stream of its own copies that to the
// device, and the stream that computes moves it from there to its place, which is in use until then. Streams wait for each other by events;
// the host waits for none but the copy of two batches ago.
#pragma once

#include <array>

#include "memory.h"

namespace primer::cuda {

class Staging {
 public:
  Staging() = default;
  // Waits until its memory is not in use any more.
  ~Staging();
  // Brings `bytes` from the host to `target`, behind what `stream` has to do; the source may be written again at once.
  void send(char* target, const char* source, int64_t bytes, cudaStream_t copies, cudaStream_t stream);

 private:
  struct Slot {
    PinnedBytes written;
    DeviceBytes brought;
    int64_t bytes = 0;
    Event copied, taken;  // recorded behind the copy to the device, and behind the one to its place
  };
  std::array<Slot, 2> slots_;
  size_t next_ = 0;
};

}  // namespace primer::cuda
