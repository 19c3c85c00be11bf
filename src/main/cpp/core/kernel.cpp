#include "core/kernel.h"

#include <cstring>
#include <stdexcept>
#include <vector>

namespace primer {
namespace {

std::vector<Kernel>& table(Isa isa) {
  static std::vector<Kernel> tables[3];
  return tables[static_cast<int>(isa)];
}

const std::vector<Kernel>& chosen_table() { return table(processor_isa()); }

}  // namespace

Isa processor_isa() {
  static const Isa isa = [] {
    __builtin_cpu_init();
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return avx512 ? Isa::avx512 : avx2 ? Isa::avx2 : Isa::base;
  }();
  return isa;
}

void register_kernel(Isa isa, const Kernel& kernel) { table(isa).push_back(kernel); }

int32_t find_kernel(const char* name) {
  const auto& kernels = chosen_table();
  for (size_t i = 0; i < kernels.size(); ++i) {
    if (std::strcmp(kernels[i].name, name) == 0) return static_cast<int32_t>(i);
  }
  return -1;
}

const Kernel& kernel_at(int32_t id) {
  const auto& kernels = chosen_table();
  if (id < 0 || static_cast<size_t>(id) >= kernels.size()) throw std::runtime_error("program: no kernel of that number");
  return kernels[static_cast<size_t>(id)];
}

}  // namespace primer
