#include "optional_library.h"

#include <dlfcn.h>

namespace primer::cuda {
namespace {

// Tests name the library that stands in for it.
#ifndef PRIMER_CUBLASLT
#define PRIMER_CUBLASLT "libcublasLt.so.13", "libcublasLt.so.12"
#endif
constexpr const char* kCublasLt[] = {PRIMER_CUBLASLT};

// Stays open: who needs the library opens it next.
void* open(const char* name) { return dlopen(name, RTLD_LAZY | RTLD_LOCAL); }

}  // namespace

void* open_cublaslt() {
  for (const char* name : kCublasLt) {
    if (void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return nullptr;
}

std::string cublaslt_names() {
  std::string names;
  for (const char* name : kCublasLt) names += (names.empty() ? "" : " or ") + std::string(name);
  return names;
}

std::string nccl_finding() {
  void* library = open(kNccl);
  if (!library) return "absent; install libnccl2 for several GPUs";
  const auto version = reinterpret_cast<int (*)(int*)>(dlsym(library, "ncclGetVersion"));
  int number = 0;
  if (!version || version(&number) != 0) return std::string("unusable: ") + kNccl + " does not say its version; install libnccl2 anew";
  return "present: " + std::to_string(number / 10000) + "." + std::to_string(number / 100 % 100) + "." + std::to_string(number % 100);
}

std::string missing_libraries() {
  std::string lines;
  if (!open_cublaslt()) lines += std::string(kCublasLt[0]) + "\n";
  for (const char* name : {kCudnn, kNccl}) {
    if (!open(name)) lines += std::string(name) + "\n";
  }
  return lines;
}

}  // namespace primer::cuda
