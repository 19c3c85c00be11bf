// NVIDIA's libraries that are used where they are there; none is linked.
#pragma once

#include <string>

namespace primer::cuda {

// Nothing uses NCCL yet: one process computes on one device.
std::string nccl_finding();
// Names, by which the dynamic linker knows them, of the libraries that it does not find; a line each.
std::string missing_libraries();

}  // namespace primer::cuda
