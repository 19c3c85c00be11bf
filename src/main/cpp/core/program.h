// A program of the CPU: a planned op list (core/instruction.h), run by one call a step.
#pragma once

#include <cstdint>
#include <string>

#include "core/device.h"
#include "core/instruction.h"

namespace primer {

// What one kernel sees of a running step. Kernels run inside one OpenMP parallel region: every thread calls every
// kernel, loops are shared by orphaned `omp for` constructs, whose closing barrier ends the instruction.
struct Step {
  char* arena;
  char* scratch;          // this thread's own
  int64_t lanes;
  const int32_t* axes;    // [axes][lanes + 1], first row of each lane
  int thread, threads;
  int64_t scratch_stride;  // bytes from one thread's scratch to the next

  const int32_t* lane_offsets(int64_t axis) const { return axes + axis * (lanes + 1); }
  int64_t axis_rows(int64_t axis) const { return lane_offsets(axis)[lanes]; }

  // Another thread's scratch, to be read behind a barrier.
  char* scratch_of(int other) const { return scratch + (other - thread) * scratch_stride; }

  bool present(const Operand& o) const { return o.space != Space::none; }

  template <class T>
  T* data(const Operand& o, int64_t lane = 0) const {
    char* base = o.space == Space::arena ? arena + o.offset : reinterpret_cast<char*>(o.offset);
    return reinterpret_cast<T*>(base + lane * o.lane_stride);
  }
  int64_t rows(const Operand& o) const { return o.axis >= 0 ? axis_rows(o.axis) : o.rows; }
};

class Program final : public Executable {
 public:
  Program(const int64_t* code, int64_t length, int threads);
  int64_t scratch_bytes() const override { return scratch_per_thread_ * threads_; }
  int64_t run_bytes(int64_t) const override { return 0; }
  void run(const Place& place, int64_t stages, double* seconds) override;

 private:
  void run_thread(Step step, int64_t stages, double* seconds, std::string& error);

  OpList list_;
  int threads_;
  int64_t scratch_per_thread_ = 0;
};

}  // namespace primer
