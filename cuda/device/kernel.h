// The table of ops. Each <op>.cu registers its launchers once; registering is data alone, a pointer in a linker section.
#pragma once

#include "core/instruction.h"
#include "launch.h"

namespace primer::cuda {

using Launcher = void (*)(const Launch&, const Instruction&);

// Bytes of scratch for as many lanes and rows as the operands have room for: a function's, which may ask for the program's precision.
class Scratch {
 public:
  constexpr Scratch(decltype(nullptr)) {}
  constexpr Scratch(int64_t (*bytes)(const Instruction&, int64_t lanes)) : bytes_(bytes) {}
  constexpr Scratch(int64_t (*bytes)(const Instruction&, int64_t lanes, Precision)) : bytes_in_(bytes) {}

  int64_t bytes(const Instruction& i, int64_t lanes, Precision precision) const {
    return bytes_in_ ? bytes_in_(i, lanes, precision) : bytes_ ? bytes_(i, lanes) : 0;
  }

 private:
  int64_t (*bytes_)(const Instruction&, int64_t lanes) = nullptr;
  int64_t (*bytes_in_)(const Instruction&, int64_t lanes, Precision) = nullptr;
};

struct Kernel {
  const char* name;
  size_t operands;    // how many it takes, those left out included
  Launcher f32, f64;  // null where the type is not supported
  Scratch scratch;    // nullptr where none is needed
  bool dense = false;  // kDense: its float32 form computes products with dense weights, by the library where the program has it
};
constexpr bool kDense = true;

int32_t find_kernel(const char* name);
const Kernel& kernel_at(int32_t id);

}  // namespace primer::cuda

#define PRIMER_JOIN_(a, b) a##b
#define PRIMER_JOIN(a, b) PRIMER_JOIN_(a, b)
// Registers op `name` (a string): number of operands, launchers for float32 and float64 or nullptr, scratch or nullptr, and kDense or nothing.
#define PRIMER_REGISTER(name, ...)                                                      \
  static const ::primer::cuda::Kernel PRIMER_JOIN(kernel_, __LINE__){name, __VA_ARGS__}; \
  __attribute__((used, section("primer_cuda_kernels"))) static const ::primer::cuda::Kernel* const PRIMER_JOIN(entry_, __LINE__) = &PRIMER_JOIN(kernel_, __LINE__);
