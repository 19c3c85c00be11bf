// Whether this library has code for a device.
#pragma once

#include <string>

namespace primer::cuda {

// Why kernels of this library cannot run on the thread's device, a clause; empty where they can.
std::string architecture_obstacle();

}  // namespace primer::cuda
