// What the engine asks of a device. The CPU's is in this library; others come in libraries of their own (core/device_library.h).
// Every function throws std::exception with one sentence; addresses are the device's own, and all memory is 64-byte aligned.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/instruction.h"

namespace primer {

// How products with dense weights are computed; sums are float32 in any case. tf32: factors are rounded to 10 bits behind the leading one; bf16: to
// 7, and frozen weights are kept so (Layout). What is trained is kept in float32; a device says which of its products have the precision.
enum class Precision : int64_t { f32 = 0, tf32 = 1, bf16 = 2 };

// Memory that a program runs in.
struct Place {
  char* arena;
  char* scratch;
  const char* host;    // what the host has written for the arena's first host_bytes; null where the host writes the arena itself
  int64_t host_bytes;
};

// A planned op list made ready to run.
class Executable {
 public:
  virtual ~Executable() = default;
  // Bytes of scratch memory that a run needs.
  virtual int64_t scratch_bytes() const = 0;
  // Bytes of the device's memory that runs take by themselves, where the host writes `host_bytes` for each.
  virtual int64_t run_bytes(int64_t host_bytes) const = 0;
  // Runs the instructions of every stage whose bit is set. Adds each instruction's seconds to `seconds` unless that is null.
  // May return before the device is done; what is read of the device's memory afterwards is what the run made.
  virtual void run(const Place& place, int64_t stages, double* seconds) = 0;
};

class Device {
 public:
  virtual ~Device() = default;
  // For people, one line.
  virtual std::string describe() const = 0;
  // What it has measured to choose between implementations, a line each.
  virtual std::string choices() const { return ""; }
  // Bytes that allocate could still give.
  virtual int64_t free_bytes() const = 0;

  // Zeroed.
  virtual int64_t allocate(int64_t bytes) = 0;
  virtual void free(int64_t address, int64_t bytes) = 0;
  virtual void zero(int64_t target, int64_t bytes) = 0;
  virtual void copy(int64_t target, int64_t source, int64_t bytes) = 0;
  // From and to the host's memory; they return when the host may use it again.
  virtual void write(int64_t target, const void* source, int64_t bytes) = 0;
  virtual void read(void* target, int64_t source, int64_t bytes) = 0;

  // Number of the kernel `name`, or -1.
  virtual int32_t kernel(const char* name) const = 0;
  virtual int64_t packed_bytes(int64_t out, int64_t in, bool transposed, Layout layout) const = 0;
  virtual void pack(int64_t weight, int64_t out, int64_t in, bool transposed, Layout layout, int64_t packed) = 0;
  // Why its programs cannot compute in a precision, a clause; empty where they can.
  virtual std::string obstacle(Precision precision) const = 0;
  virtual std::unique_ptr<Executable> compile(const int64_t* code, int64_t length, int threads, Precision precision) = 0;
};

Device& cpu_device();

}  // namespace primer
