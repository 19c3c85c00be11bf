// What the emulated device's memory and its streams know of each other.
#pragma once

#include <cstdlib>
#include <mutex>
#include <string>

#include "cuda_runtime.h"

namespace emulation {

// Held in every call that sees or changes the device's state.
using Lock = std::lock_guard<std::recursive_mutex>;
inline std::recursive_mutex state;

// Once a kernel has failed, the device answers every call with that.
inline std::string fault;

// What tests set in the environment of a process.
constexpr int64_t kNever = -1;
inline int64_t setting(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoll(text, nullptr, 10) : otherwise;
}

// The error of a call that CUDA permits neither to a thread that captures nor, where the capture is global, to any other; the capture is
// invalid then. Of every call, once a kernel has failed.
cudaError_t unsafe_call();
// Does all that streams have to do.
void finish_all();

}  // namespace emulation
