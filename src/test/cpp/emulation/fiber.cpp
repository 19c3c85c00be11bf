#include "fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if !defined(__x86_64__)
#error "the emulation switches stacks on x86-64 only"
#endif

// Saves what a call must preserve (System V ABI, x86-64) and goes on where the other stack was left.
asm(R"(
.text
.type primer_switch_stacks, @function
primer_switch_stacks:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");
extern "C" void primer_switch_stacks(void** from, void* to);

namespace emulation {
namespace {

constexpr size_t kStackBytes = 256 << 10;
constexpr size_t kSavedRegisters = 6;

thread_local Fiber* running = nullptr;
thread_local void* outside = nullptr;
#if defined(__SANITIZE_ADDRESS__)
thread_local const void* outside_bottom = nullptr;
thread_local size_t outside_size = 0;
#endif

// The sanitizer is told of each change of stacks.
void before_switch([[maybe_unused]] void** keep, [[maybe_unused]] const void* bottom, [[maybe_unused]] size_t size) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(keep, bottom, size);
#endif
}

void after_switch([[maybe_unused]] void* kept, [[maybe_unused]] bool from_outside) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(kept, from_outside ? &outside_bottom : nullptr, from_outside ? &outside_size : nullptr);
#endif
}

}  // namespace

Fiber::Fiber() {
  void* stack = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED) throw std::bad_alloc();
  stack_ = static_cast<char*>(stack);
}

Fiber::~Fiber() { munmap(stack_, kStackBytes); }

void Fiber::start(const std::function<void()>* body) {
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(stack_, kStackBytes);
#endif
  body_ = body;
  ended_ = false;
  // As if `enter` had been called and had then switched away: its address, and below it the saved registers.
  void** slot = reinterpret_cast<void**>(stack_ + kStackBytes) - 2;
  slot[0] = reinterpret_cast<void*>(&Fiber::enter);
  slot[1] = nullptr;
  top_ = slot - kSavedRegisters;
}

void Fiber::enter() {
  after_switch(nullptr, true);
  (*running->body_)();
  running->ended_ = true;
  pause();
}

void Fiber::resume() {
  running = this;
  void* kept = nullptr;
  before_switch(&kept, stack_, kStackBytes);
  primer_switch_stacks(&outside, top_);
  after_switch(kept, false);
  running = nullptr;
}

void Fiber::pause() {
  Fiber* self = running;
  void* kept = nullptr;
#if defined(__SANITIZE_ADDRESS__)
  before_switch(self->ended_ ? nullptr : &kept, outside_bottom, outside_size);
#endif
  primer_switch_stacks(&self->top_, outside);
  after_switch(kept, true);
}

}  // namespace emulation
