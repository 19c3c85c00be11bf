#include "optional_library.h"

#include <dlfcn.h>

namespace primer::cuda {
namespace {

constexpr const char* kNccl = "libnccl.so.2";
constexpr const char* kLibraries[] = {"libcublasLt.so.13", "libcudnn.so.9", kNccl};

// Stays open: who needs the library opens it next.
void* open(const char* name) { return dlopen(name, RTLD_LAZY | RTLD_LOCAL); }

}  // namespace

std::string nccl_finding() {
  void* library = open(kNccl);
  if (!library) return "absent; install libnccl2 for several GPUs";
  const auto version = reinterpret_cast<int (*)(int*)>(dlsym(library, "ncclGetVersion"));
  int number = 0;
  if (!version || version(&number) != 0) return std::string("broken: ") + kNccl + " does not say its version";
  return std::to_string(number / 10000) + "." + std::to_string(number / 100 % 100) + "." + std::to_string(number % 100);
}

std::string missing_libraries() {
  std::string lines;
  for (const char* name : kLibraries) {
    if (!open(name)) lines += std::string(name) + "\n";
  }
  return lines;
}

}  // namespace primer::cuda
