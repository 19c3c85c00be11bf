#include "cudnn.h"

#include <dlfcn.h>

#include <stdexcept>

#include "optional_library.h"

namespace primer::cuda::cudnn {
namespace {

// The first version that takes every graph of ours.
constexpr size_t kOldest = 90800;

struct Loaded {
  Library library{};
  bool found = false;
  std::string obstacle;

  Loaded() { obstacle = load(); }

  std::string load() {
    void* file = dlopen(kCudnn, RTLD_NOW | RTLD_GLOBAL);
    if (!file) return std::string("no ") + kCudnn + " was found; install cuDNN 9";
    found = true;
    const bool complete = bind(file, "cudnnGetVersion", library.version) && bind(file, "cudnnGetCudartVersion", library.runtime_version) &&
                          bind(file, "cudnnGetErrorString", library.status_text) && bind(file, "cudnnGetLastErrorString", library.last_error) &&
                          bind(file, "cudnnCreate", library.create) && bind(file, "cudnnDestroy", library.destroy) &&
                          bind(file, "cudnnSetStream", library.set_stream) && bind(file, "cudnnBackendCreateDescriptor", library.create_descriptor) &&
                          bind(file, "cudnnBackendDestroyDescriptor", library.destroy_descriptor) &&
                          bind(file, "cudnnBackendFinalize", library.finalize) && bind(file, "cudnnBackendSetAttribute", library.set_attribute) &&
                          bind(file, "cudnnBackendGetAttribute", library.get_attribute) && bind(file, "cudnnBackendExecute", library.execute);
    if (!complete) return std::string(kCudnn) + " lacks functions of cuDNN 9; install it anew";
    if (library.version() < kOldest) return "cuDNN " + text(library.version()) + " is too old; install " + text(kOldest) + " or newer";
    return need_cublas();
  }

  // cuDNN loads cuBLASLt when it first needs it, and ends the process where there is none. One without a CUDA runtime needs none.
  std::string need_cublas() const {
    if (library.runtime_version() == 0) return "";
    const std::string name = "libcublasLt.so." + std::to_string(library.runtime_version() / 1000);
    return dlopen(name.c_str(), RTLD_NOW | RTLD_GLOBAL) ? "" : "cuDNN needs " + name + ", which was not found; install cuBLAS";
  }

  static std::string text(size_t version) {
    return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." + std::to_string(version % 100);
  }

  template <class Function>
  static bool bind(void* file, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(file, name));
    return function != nullptr;
  }
};

const Loaded& loaded() {
  static const Loaded once;
  return once;
}

}  // namespace

const std::string& obstacle() { return loaded().obstacle; }

const Library& library() {
  if (!obstacle().empty()) throw std::runtime_error("cuDNN: " + obstacle());
  return loaded().library;
}

std::string version() { return Loaded::text(library().version()); }

std::string finding() {
  if (obstacle().empty()) return "present: " + version();
  return (loaded().found ? "unusable: " : "absent: ") + obstacle();
}

OwnedHandle handle(cudaStream_t stream) {
  Handle made = nullptr;
  library().check(library().create(&made), "begin");
  OwnedHandle owned(made);
  library().check(library().set_stream(made, stream), "take a stream");
  return owned;
}

void Library::check(Status status, const char* doing) const {
  if (status == kSuccess) return;
  char reason[1024] = "";
  last_error(reason, sizeof reason);
  throw std::runtime_error(std::string("cuDNN: ") + doing + ": " + status_text(status) + (*reason ? ", " : "") + reason);
}

}  // namespace primer::cuda::cudnn
