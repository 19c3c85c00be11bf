// One NVIDIA GPU: its memory, the one stream that everything runs on, in order, and one that brings batches meanwhile. Threads take turns: a
// capture would record what another thread submits to the stream, and be broken by what it waits for.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "attention_choices.h"
#include "core/device.h"
#include "launch.h"
#include "library_products.h"

namespace primer::cuda {

class CudaDevice final : public Device {
 public:
  explicit CudaDevice(int ordinal);

  std::string describe() const override { return description_; }
  std::string choices() const override;
  int64_t free_bytes() const override;
  int64_t allocate(int64_t bytes) override;
  void free(int64_t address, int64_t bytes) override;
  void zero(int64_t target, int64_t bytes) override;
  void copy(int64_t target, int64_t source, int64_t bytes) override;
  void write(int64_t target, const void* source, int64_t bytes) override;
  void read(void* target, int64_t source, int64_t bytes) override;
  int32_t kernel(const char* name) const override;
  int64_t packed_bytes(int64_t out, int64_t in, bool transposed, Layout layout) const override;
  void pack(int64_t weight, int64_t out, int64_t in, bool transposed, Layout layout, int64_t packed) override;
  std::string obstacle(Precision precision) const override;
  std::unique_ptr<Executable> compile(const int64_t* code, int64_t length, int threads, Precision precision) override;

  cudaStream_t stream() const { return stream_; }
  cudaStream_t copies() const { return copies_; }
  int processors() const { return processors_; }
  // cuBLASLt, from the first program on that asks for it; null where our own kernels are chosen. Throws a sentence where it is missing.
  LibraryProducts* products();
  // Where PRIMER_CUDA_ATTENTION asks for cuDNN; null where our own kernels are chosen. Throws a sentence where cuDNN is missing.
  AttentionChoices* attention();
  // What `launches` submits to the stream, as a graph that can be launched again and again.
  ExecutableGraph capture(const std::function<void()>& launches);
  // Keeps other threads out until `calls` is over.
  template <class F>
  auto alone(F calls) {
    const Turn turn(mutex_);
    return calls();
  }
  // As alone. Makes the device the calling thread's, and returns what `calls` does. Throws when a fault has ended the device: after one, CUDA
  // answers every call with it; so one behind an error of these calls is remembered.
  template <class F>
  auto alive(F calls) {
    const Turn turn(mutex_);
    require_alive();
    try {
      return calls();
    } catch (...) {
      look_for_fault();
      throw;
    }
  }

 private:
  using Turn = std::lock_guard<std::recursive_mutex>;

  void require_alive() const;
  void look_for_fault();
  void require(Precision precision) const;

  int ordinal_, processors_ = 0, capability_ = 0;  // capability: 80 for 8.0
  std::string description_, fault_;
  cudaStream_t stream_ = nullptr, copies_ = nullptr;
  mutable std::recursive_mutex mutex_;  // calls of alive are nested
  std::unique_ptr<LibraryProducts> products_;
  std::unique_ptr<AttentionChoices> attention_;
};

}  // namespace primer::cuda
