// The table of kernels. Each cpu/<stem>.cpp registers its kernels once for every instruction set it is compiled for.
#pragma once

#include <cstdint>
#include <memory>

#include "core/program.h"

namespace primer {

using Run = void (*)(const Step&, const Instruction&);
using Prepare = std::unique_ptr<Prepared> (*)(const Instruction&, int threads);
// Bytes of scratch that one thread needs.
using Scratch = int64_t (*)(const Instruction&, int threads);

struct Kernel {
  const char* name;
  Run f32, f64;  // null where the type is not supported
  Prepare prepare;
  Scratch scratch;
};

enum class Isa { base = 0, avx2 = 1, avx512 = 2 };

Isa processor_isa();
void register_kernel(Isa isa, const Kernel& kernel);
int32_t find_kernel(const char* name);
const Kernel& kernel_at(int32_t id);

struct Registration {
  Registration(Isa isa, const Kernel& kernel) { register_kernel(isa, kernel); }
};

}  // namespace primer
