// Threads of one block as fibers on one system thread: a fiber runs until it waits, then the next one does.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace emulation {

class Fiber {
 public:
  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Makes the fiber ready to run `body` from its beginning; what it ran before is dropped.
  void start(const std::function<void()>* body);
  // Runs it until it pauses or ends. Called from outside all fibers.
  void resume();
  bool ended() const { return ended_; }
  // Called in a fiber: goes back to whoever resumed it.
  static void pause();

 private:
  static void enter();

  char* stack_;
  void* top_;                            // of the fiber's stack while it does not run
  const std::function<void()>* body_ = nullptr;
  bool ended_ = true;
};

}  // namespace emulation
