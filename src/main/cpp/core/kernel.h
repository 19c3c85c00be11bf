// The table of kernels. Each cpu/<stem>.cpp registers its kernels once for every instruction set it is compiled for.
// Registering is data alone, a pointer in a linker section for each set (cpu/isa.h): a constructor would be code for a
// newer processor that runs on every one when the library is loaded.
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

// The best set that this processor has, or the lesser one that the environment variable PRIMER_ISA names (x86-64, avx2 or
// avx512; for tests). Throws when the processor lacks that set.
Isa chosen_isa();
const char* isa_name(Isa isa);
int32_t find_kernel(const char* name);
const Kernel& kernel_at(int32_t id);

}  // namespace primer
