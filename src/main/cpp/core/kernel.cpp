#include "core/kernel.h"

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

// The linker puts these symbols around each section that PRIMER_REGISTER fills.
#define PRIMER_SECTION(isa)                                                                                  \
  extern "C" __attribute__((visibility("hidden"))) const primer::Kernel* const __start_primer_kernels_##isa[]; \
  extern "C" __attribute__((visibility("hidden"))) const primer::Kernel* const __stop_primer_kernels_##isa[];
PRIMER_SECTION(base)
PRIMER_SECTION(avx2)
PRIMER_SECTION(avx512)

namespace primer {
namespace {

constexpr const char* kNames[] = {"x86-64", "avx2", "avx512"};

struct Table {
  const Kernel* const* begin;
  const Kernel* const* end;
};

Table chosen_table() {
  static const Table tables[] = {{__start_primer_kernels_base, __stop_primer_kernels_base},
                                 {__start_primer_kernels_avx2, __stop_primer_kernels_avx2},
                                 {__start_primer_kernels_avx512, __stop_primer_kernels_avx512}};
  return tables[static_cast<int>(chosen_isa())];
}

// The features that the compiler may use under cmake/instruction_sets.cmake's flags.
Isa processor_isa() {
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  return avx512 ? Isa::avx512 : avx2 ? Isa::avx2 : Isa::base;
}

Isa asked_isa(const std::string& name, Isa most) {
  for (int i = 0; i <= static_cast<int>(most); ++i) {
    if (name == kNames[i]) return static_cast<Isa>(i);
  }
  throw std::runtime_error("PRIMER_ISA is " + name + ", but this processor runs the kernels for x86-64 to " +
                           isa_name(most) + "; unset it");
}

}  // namespace

const char* isa_name(Isa isa) { return kNames[static_cast<int>(isa)]; }

Isa chosen_isa() {
  static const Isa isa = [] {
    const char* asked = std::getenv("PRIMER_ISA");
    const Isa most = processor_isa();
    return asked ? asked_isa(asked, most) : most;
  }();
  return isa;
}

int32_t find_kernel(const char* name) {
  const Table table = chosen_table();
  for (const Kernel* const* k = table.begin; k != table.end; ++k) {
    if (std::strcmp((*k)->name, name) == 0) return static_cast<int32_t>(k - table.begin);
  }
  return -1;
}

const Kernel& kernel_at(int32_t id) {
  const Table table = chosen_table();
  if (id < 0 || id >= table.end - table.begin) throw std::runtime_error("program: no kernel of that number");
  return *table.begin[id];
}

}  // namespace primer
