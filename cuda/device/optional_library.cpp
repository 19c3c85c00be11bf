#include "optional_library.h"

#include <dlfcn.h>

#include <cstddef>

namespace primer::cuda {
namespace {

struct OptionalLibrary {
  const char *name, *file, *version, *without, *package;
};

constexpr OptionalLibrary kLibraries[] = {
    {"cublaslt", "libcublasLt.so.13", "cublasLtGetVersion", "products are computed by this library's own kernels", "libcublas-13-0, or nvidia-cublas by pip"},
    {"cudnn", "libcudnn.so.9", "cudnnGetVersion", "attention is computed by this library's own kernels", "libcudnn9-cuda-13, or nvidia-cudnn-cu13 by pip"},
    {"nccl", "libnccl.so.2", nullptr, "only runs over several GPUs need it", "libnccl2, or nvidia-nccl-cu13 by pip"},
};

// Stays open: who needs the library opens it next.
void* open(const OptionalLibrary& library) { return dlopen(library.file, RTLD_LAZY | RTLD_LOCAL); }

// NVIDIA writes 13.1.0 as 130100.
std::string version_text(size_t number) {
  return std::to_string(number / 10000) + "." + std::to_string(number / 100 % 100) + "." + std::to_string(number % 100);
}

size_t version_of(void* library, const OptionalLibrary& entry) {
  if (entry.version) {
    const auto version = reinterpret_cast<size_t (*)()>(dlsym(library, entry.version));
    return version ? version() : 0;
  }
  const auto version = reinterpret_cast<int (*)(int*)>(dlsym(library, "ncclGetVersion"));
  int number = 0;
  return version && version(&number) == 0 ? static_cast<size_t>(number) : 0;
}

std::string finding(const OptionalLibrary& entry) {
  void* library = open(entry);
  if (!library) return std::string("absent: no ") + entry.file + "; " + entry.without + "; install " + entry.package;
  const size_t version = version_of(library, entry);
  return version ? "present: " + version_text(version) : std::string("broken: ") + entry.file + " does not say its version; install " + entry.package;
}

}  // namespace

std::string optional_libraries() {
  std::string lines;
  for (const OptionalLibrary& library : kLibraries) lines += std::string(library.name) + ": " + finding(library) + "\n";
  return lines;
}

std::string missing_libraries() {
  std::string lines;
  for (const OptionalLibrary& library : kLibraries) {
    if (!open(library)) lines += std::string(library.file) + "\n";
  }
  return lines;
}

}  // namespace primer::cuda
