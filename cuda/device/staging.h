// The way of a batch to the device: through pinned memory, asynchronously, so that the next batch can be written meanwhile.
#pragma once

#include <array>

#include "memory.h"

namespace primer::cuda {

class Staging {
 public:
  // Copies `bytes` from the host to the device behind what the stream has to do; the source may be written again at once.
  void send(char* target, const char* source, int64_t bytes, cudaStream_t stream);

 private:
  struct Slot {
    PinnedBytes memory;
    int64_t bytes = 0;
    Event copied;
  };
  std::array<Slot, 2> slots_;
  size_t next_ = 0;
};

}  // namespace primer::cuda
