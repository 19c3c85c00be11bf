// NVIDIA's libraries that are used where they are there; none is linked.
#pragma once

#include <string>

namespace primer::cuda {

// Names by which the dynamic linker knows them.
inline constexpr const char* kCudnn = "libcudnn.so.9";
inline constexpr const char* kNccl = "libnccl.so.2";

// cuBLASLt in a version that serves, the newest that there is; null where there is none.
void* open_cublaslt();
// The names of those versions, for a sentence.
std::string cublaslt_names();
// Nothing uses NCCL yet: one process computes on one device.
std::string nccl_finding();
// Names of the libraries that the dynamic linker does not find, each in the version to be had; a line each.
std::string missing_libraries();

}  // namespace primer::cuda
