// One thread block: its threads take turns, and meet at barriers. A barrier that only part of a block (or warp) meets, or
// that its threads meet at different places of the source, is an error, as is a thread that ends while others wait.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace emulation {

struct Dim3 {
  uint32_t x = 1, y = 1, z = 1;
  constexpr Dim3(uint32_t x = 1, uint32_t y = 1, uint32_t z = 1) : x(x), y(y), z(z) {}
};

constexpr uint32_t kWarp = 32;

// Runs `body` by every thread of every block; throws std::runtime_error for a misused barrier.
void run_grid(Dim3 grid, Dim3 block, size_t shared_bytes, const std::function<void()>& body);

// Called by the threads. `line` is where in the source.
void block_barrier(int line);
void warp_barrier(uint32_t mask, int line);
// Gives every thread of the warp the others' numbers: returns the number of lane `from`.
uint64_t exchange(uint32_t mask, uint64_t mine, uint32_t from, int line);
// What one thread gives the others of its warp at once.
struct Words {
  uint64_t words[3];
};
// The words of all lanes of a whole warp, valid until the thread's next exchange but one.
const Words* gather(const Words& mine, int line);
uint32_t ballot(uint32_t mask, bool mine, int line);
// A bit for each thread of the warp that has the same number.
uint32_t equals(uint32_t mask, uint64_t mine, int line);
void* shared_memory();
// Ends the grid with this error; for the running thread.
void fail(const std::string& what);

// Number of the running thread in its warp.
uint32_t warp_lane();

}  // namespace emulation

// The running thread's place.
extern thread_local emulation::Dim3 threadIdx, blockIdx, blockDim, gridDim;
