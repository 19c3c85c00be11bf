// Kernels with a bug each, over the emulation, for mvn verify -Psanitize: its sanitizers see what they are there for. planted_bugs NAME runs one, with the bug
// unless a second argument says `sound`.
#include <cstdio>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include "device/launch.h"
#include "device/memory.h"
#include "device/operand_guard.h"
#include "device/shared.cuh"

namespace primer::cuda {
namespace {

constexpr int kCount = 32;

__global__ void read_global(const float* x, float* y, int away) { y[threadIdx.x] = x[threadIdx.x + static_cast<unsigned>(away)]; }

__global__ void write_global(float* y, int away) { y[threadIdx.x + static_cast<unsigned>(away)] = 1; }

__global__ void read_dynamic_shared(float* y, int away) {
  float* held = &dynamic_shared<float>();
  held[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = held[threadIdx.x + static_cast<unsigned>(away)];
}

__global__ void read_static_shared(float* y, int away) {
  __shared__ float held[kCount];
  held[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = held[threadIdx.x + static_cast<unsigned>(away)];
}

// On a thread's own stack: a fiber's.
__global__ void write_local(float* y, int away) {
  float own[4] = {};
  volatile float* at = own;
  at[static_cast<int>(threadIdx.x) % 4 + 4 * away] = 1;
  __syncthreads();
  y[threadIdx.x] = own[0];
}

__global__ void load_vector(const float* x, float* y, int away) { y[threadIdx.x] = reinterpret_cast<const float4*>(x + away)->y; }

// A kernel that was given the first of two values in an arena.
void read_neighbour(cudaStream_t stream, const float* x, float* y, int away) {
  const auto value = [](int64_t at) { return Operand{Space::arena, at * kCount * int64_t{sizeof(float)}, 0, -1, 1, kCount, Layout::plain}; };
  OpList list{1, 0, 0, {}};
  for (int64_t at : {0, 1}) list.instructions.push_back({0, DType::f32, 0, {value(at)}, {}, {}, nullptr});
  Launch launch{};
  launch.stream = stream;
  launch.arena = const_cast<char*>(reinterpret_cast<const char*>(x));
  launch.lanes = 1;
  const OperandGuard guard(launch, list, list.instructions[0]);
  start(stream, read_global, 1, kCount, 0, x, y, away);
}

void run(const std::string& name, int away) {
  cudaStream_t stream;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "make a stream");
  DeviceBytes in = device_bytes(2 * kCount * sizeof(float));
  const DeviceBytes out = device_bytes(kCount * sizeof(float));
  const float* x = static_cast<const float*>(in.get());
  float* y = static_cast<float*>(out.get());
  const std::map<std::string, std::function<void()>> bugs{
      {"read_global", [&] { start(stream, read_global, 1, kCount, 0, x + kCount, y, away); }},
      {"read_neighbour", [&] { read_neighbour(stream, x, y, away); }},
      {"write_global", [&] { start(stream, write_global, 1, kCount, 0, y, away); }},
      {"read_dynamic_shared", [&] { start(stream, read_dynamic_shared, 1, kCount, kCount * sizeof(float), y, away); }},
      {"read_static_shared", [&] { start(stream, read_static_shared, 1, kCount, 0, y, away); }},
      {"write_local", [&] { start(stream, write_local, 1, kCount, 0, y, away); }},
      {"load_vector", [&] { start(stream, load_vector, 1, kCount, 0, x, y, away); }},
      {"use_after_free", [&] {
         if (away) in.reset();
         start(stream, read_global, 1, kCount, 0, x, y, 0);
       }},
  };
  bugs.at(name)();
  check(cudaStreamSynchronize(stream), name.c_str());
  check(cudaStreamDestroy(stream), "end a stream");
}

}  // namespace
}  // namespace primer::cuda

int main(int count, char** words) {
  try {
    primer::cuda::run(words[1], count > 2 && std::string(words[2]) == "sound" ? 0 : 1);
    std::puts("it went on");
  } catch (const std::exception& problem) {
    std::printf("%s\n", problem.what());
    return 1;
  }
}
