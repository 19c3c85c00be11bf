// In a build with AddressSanitizer, which the emulation's may be, an instruction's kernels may touch of the arena their operands and the table of rows alone: all
// else there is poisoned while they run. Where operands lie outside of it, the sanitizer knows their memory's ends. Other builds have none of this.
#pragma once

#include "core/instruction.h"
#include "launch.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <vector>
#endif

namespace primer::cuda {

class OperandGuard {
#if defined(__SANITIZE_ADDRESS__)
 public:
  OperandGuard(const Launch& launch, const OpList& list, const Instruction& instruction) : stream_(launch.stream), arena_(launch.arena) {
    for (const Instruction& i : list.instructions) {
      for (const Region& r : regions(i, list)) bytes_ = std::max(bytes_, r.offset + r.bytes);
    }
    const cudaError_t error = emulation::submit(stream_, [arena = arena_, bytes = bytes_, allowed = regions(instruction, list)] {
      __asan_poison_memory_region(arena, bytes);
      for (const Region& r : allowed) __asan_unpoison_memory_region(arena + r.offset, r.bytes);
    });
    check(error, "launch");
  }
  ~OperandGuard() {
    emulation::submit(stream_, [arena = arena_, bytes = bytes_] { __asan_unpoison_memory_region(arena, bytes); });
  }
  OperandGuard(const OperandGuard&) = delete;
  OperandGuard& operator=(const OperandGuard&) = delete;

 private:
  struct Region { size_t offset, bytes; };

  static std::vector<Region> regions(const Instruction& instruction, const OpList& list) {
    std::vector<Region> found{{static_cast<size_t>(list.axis_table), static_cast<size_t>(list.axes * (list.lanes + 1)) * sizeof(int32_t)}};
    for (const Operand& o : instruction.operands) {
      if (o.space != Space::arena) continue;
      // Offsets have one number more than rows, and cannot be told from other values with one column.
      const int64_t numbers = o.rows * o.cols + (o.axis >= 0 && o.cols == 1), bytes = numbers * (instruction.dtype == DType::f64 ? 8 : 4);
      const int64_t copies = o.lane_stride ? list.lanes : 1;
      for (int64_t lane = 0; lane < copies; ++lane) found.push_back({static_cast<size_t>(o.offset + lane * o.lane_stride), static_cast<size_t>(bytes)});
    }
    return found;
  }

  cudaStream_t stream_;
  char* arena_;
  size_t bytes_ = 0;
#else
 public:
  OperandGuard(const Launch&, const OpList&, const Instruction&) {}
#endif
};

}  // namespace primer::cuda
