#include "block.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "emulated_mma.h"
#include "fiber.h"

thread_local emulation::Dim3 threadIdx(0, 0, 0), blockIdx(0, 0, 0), blockDim, gridDim;

namespace emulation {
namespace {

enum class Wait { none, block, warp };

// Under way; one without a target ends a group.
struct Copy {
  void* to;
  const void* from;
  size_t bytes;
};

struct Thread {
  Fiber fiber;
  Dim3 index{0, 0, 0};
  uint32_t number = 0;
  Wait wait = Wait::none;
  int line = 0;
  bool odd = false;  // which of the warp's two rows of slots its next exchange uses
  std::deque<Copy> copies;
  int groups = 0;    // of copies, ended and not waited for
};

// Two rows: a thread may write for its next exchange while others still read the last one's.
struct Warp {
  Words slots[2][kWarp];
};

struct Block {
  std::deque<Thread> threads;
  std::vector<Warp> warps;
  std::vector<std::max_align_t> shared;
  uint32_t count = 0;
  Thread* current = nullptr;
  std::string error;  // of the running thread: no exception may leave a fiber
};

thread_local Block block;

uint32_t threads_in(Dim3 d) { return d.x * d.y * d.z; }

std::string text(Dim3 d) { return std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z); }

std::string name(const Thread& t) {
  return "thread " + text(t.index) + " of block " + text(blockIdx);
}

[[noreturn]] void refuse(const char* what, const Thread& waiting, const Thread& other) {
  throw std::runtime_error(std::string(what) + ": " + name(waiting) + " waits at line " + std::to_string(waiting.line) + ", " + name(other) +
                           (other.fiber.ended() ? " has ended" : " waits at line " + std::to_string(other.line)));
}

// Lets threads [begin, end) go on if all of them wait for the same.
bool release(uint32_t begin, uint32_t end, Wait wait, const char* what) {
  const Thread& first = block.threads[begin];
  if (first.fiber.ended() || first.wait != wait) return false;
  for (uint32_t t = begin; t < end; ++t) {
    const Thread& other = block.threads[t];
    if (other.fiber.ended() || other.wait != wait || other.line != first.line) refuse(what, first, other);
  }
  for (uint32_t t = begin; t < end; ++t) block.threads[t].wait = Wait::none;
  return true;
}

void run_thread(Thread& t) {
  block.current = &t;
  threadIdx = t.index;
  t.fiber.resume();
  if (!block.error.empty()) throw std::runtime_error(std::exchange(block.error, {}));
}

// Every thread runs until it waits or ends; then who waits is let go.
void run_block() {
  for (;;) {
    bool alive = false;
    for (uint32_t t = 0; t < block.count; ++t) {
      Thread& thread = block.threads[t];
      if (!thread.fiber.ended() && thread.wait == Wait::none) run_thread(thread);
      alive |= !thread.fiber.ended();
    }
    if (!alive) return;
    bool released = false;
    for (uint32_t t = 0; t < block.count; t += kWarp) {
      released |= release(t, std::min(t + kWarp, block.count), Wait::warp, "a warp's barrier or shuffle that only part of it meets");
    }
    if (released || release(0, block.count, Wait::block, "a block's barrier that only part of it meets")) continue;
    for (uint32_t t = 1; t < block.count; ++t) {
      if (!block.threads[t].fiber.ended()) refuse("a barrier that only part of its threads meet", block.threads[t], block.threads[0]);
    }
  }
}

void prepare_block(Dim3 size, size_t shared_bytes) {
  block.count = threads_in(size);
  if (block.count < 1 || block.count > 1024) throw std::runtime_error("a block of " + std::to_string(block.count) + " threads");
  while (block.threads.size() < block.count) block.threads.emplace_back();
  block.warps.resize((block.count + kWarp - 1) / kWarp);
  // Anew, and no larger than asked for: AddressSanitizer sees what is behind it.
  block.shared = std::vector<std::max_align_t>((shared_bytes + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t));
}

void start_block(Dim3 at, Dim3 size, const std::function<void()>& body) {
  blockIdx = at;
  // Shared memory holds anything when a block begins: NaN, as float and as bf16.
  std::memset(block.shared.data(), 0xFF, block.shared.size() * sizeof(std::max_align_t));
  for (uint32_t t = 0; t < block.count; ++t) {
    Thread& thread = block.threads[t];
    thread.index = {t % size.x, t / size.x % size.y, t / (size.x * size.y)};
    thread.number = t;
    thread.wait = Wait::none;
    thread.odd = false;
    thread.copies.clear();
    thread.groups = 0;
    thread.fiber.start(&body);
  }
}

void wait(Wait what, int line) {
  Thread& self = *block.current;
  self.wait = what;
  self.line = line;
  Fiber::pause();
}

Words* slots(const Thread& t) { return block.warps[t.number / kWarp].slots[t.odd]; }

}  // namespace

void run_grid(Dim3 grid, Dim3 size, size_t shared_bytes, const std::function<void()>& body) {
  prepare_block(size, shared_bytes);
  blockDim = size;
  gridDim = grid;
  for (uint32_t z = 0; z < grid.z; ++z) {
    for (uint32_t y = 0; y < grid.y; ++y) {
      for (uint32_t x = 0; x < grid.x; ++x) {
        start_block({x, y, z}, size, body);
        run_block();
      }
    }
  }
}

void fail(const std::string& what) {
  block.error = what + ", " + name(*block.current);
  Fiber::pause();
}

void block_barrier(int line) { wait(Wait::block, line); }

void warp_barrier(uint32_t mask, int line) {
  if (mask != 0xFFFFFFFFu) fail("line " + std::to_string(line) + ": the emulation knows whole warps only");
  wait(Wait::warp, line);
}

namespace {

// All lanes' words, of those lanes that exist.
const Words* meet(uint32_t mask, const Words& mine, int line) {
  Thread& self = *block.current;
  Words* row = slots(self);
  row[self.number % kWarp] = mine;
  warp_barrier(mask, line);
  self.odd = !self.odd;
  return row;
}

uint32_t warp_size() { return std::min(kWarp, block.count - block.current->number / kWarp * kWarp); }

}  // namespace

uint64_t exchange(uint32_t mask, uint64_t mine, uint32_t from, int line) {
  const Words* warp = meet(mask, {{mine}}, line);
  // A lane that does not exist gives the thread its own, as the hardware does.
  return from < warp_size() ? warp[from].words[0] : mine;
}

const Words* gather(const Words& mine, int line) {
  if (warp_size() < kWarp) fail("a matrix instruction of part of a warp");
  return meet(0xFFFFFFFFu, mine, line);
}

uint32_t equals(uint32_t mask, uint64_t mine, int line) {
  const Words* warp = meet(mask, {{mine}}, line);
  uint32_t same = 0;
  for (uint32_t l = 0; l < warp_size(); ++l) same |= static_cast<uint32_t>(warp[l].words[0] == mine) << l;
  return same;
}

uint32_t ballot(uint32_t mask, bool mine, int line) {
  const Words* warp = meet(mask, {{mine}}, line);
  uint32_t votes = 0;
  for (uint32_t l = 0; l < warp_size(); ++l) votes |= static_cast<uint32_t>(warp[l].words[0] != 0) << l;
  return votes;
}

void copy_later(void* to, const void* from, size_t bytes) {
  if ((reinterpret_cast<uintptr_t>(to) | reinterpret_cast<uintptr_t>(from)) % bytes) fail("a copy of " + std::to_string(bytes) + " bytes that are not aligned so");
  block.current->copies.push_back({to, from, bytes});
}

void commit_copies() {
  block.current->copies.push_back({});
  ++block.current->groups;
}

void wait_copies(int later) {
  Thread& self = *block.current;
  while (self.groups > later) {
    const Copy copy = self.copies.front();
    self.copies.pop_front();
    if (!copy.to) --self.groups;
    else if (copy.from) std::memcpy(copy.to, copy.from, copy.bytes);
    else std::memset(copy.to, 0, copy.bytes);
  }
}

uint32_t warp_lane() { return block.current->number % kWarp; }

void* shared_memory() { return block.shared.data(); }

}  // namespace emulation
