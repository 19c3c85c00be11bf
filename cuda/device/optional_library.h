// NVIDIA's libraries that are used where they are there; none is linked.
#pragma once

#include <string>

namespace primer::cuda {

// What is there of each, a line each as "name: finding".
std::string optional_libraries();
// Names, by which the dynamic linker knows them, of those that it does not find; a line each.
std::string missing_libraries();

}  // namespace primer::cuda
