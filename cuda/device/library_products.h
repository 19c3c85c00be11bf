// Products by cuBLASLt. An algorithm is asked for once for each shape (a bucket's rows are part of it) and kept, so that a program computes
// the same way every time; a call allocates nothing and waits for nothing, so that it can be captured.
#pragma once

#include <map>
#include <mutex>

#include "cublaslt.h"
#include "core/device.h"
#include "memory.h"

namespace primer::cuda {

// y [rows, cols] (+)= x w, row by row all of them: x is [rows, terms], or [terms, rows] where it is turned; w is [terms, cols], or [cols, terms].
struct LibraryProduct {
  Precision precision;  // bf16: x and w are
  bool transposed;      // w is turned: x W^T
  bool bias;
  int64_t rows, cols, terms;
  int64_t x_stride, w_stride;
  int64_t y_stride = cols;
  bool x_transposed = false;  // x is turned: the terms are its rows
  bool accumulate = false;
  auto operator<=>(const LibraryProduct&) const = default;
};

class LibraryProducts {
 public:
  // What NVIDIA advises for Hopper; one for all products of a device, whose one stream runs them one after another.
  static constexpr size_t kWorkspace = size_t{32} << 20;

  // Throws a sentence where there is no cuBLASLt.
  LibraryProducts();
  // Addresses are multiples of 16 bytes. bias [cols] where the product has one. Sums are float32.
  void run(cudaStream_t stream, const LibraryProduct& product, const void* x, const void* w, const float* bias, float* y);

 private:
  struct Prepared {
    OwnedLtMatmul matmul;
    OwnedLtLayout x, w, y;
    LtAlgorithm algorithm{};
  };

  Prepared prepare(const LibraryProduct& product) const;
  LtAlgorithm algorithm(const LibraryProduct& product, const Prepared& described) const;
  void check(LtStatus status, const char* doing) const;
  // What a function of the library creates.
  template <class Owner, class... Formal, class... Actual>
  Owner made(const char* doing, LtStatus (*create)(typename Owner::pointer*, Formal...), Actual... actual) const {
    typename Owner::pointer object = nullptr;
    const LtStatus status = create(&object, actual...);
    Owner owner(object);
    check(status, doing);
    return owner;
  }

  const CublasLt& lt_;
  OwnedLtHandle handle_;
  DeviceBytes workspace_;
  std::mutex mutex_;
  std::map<LibraryProduct, Prepared> prepared_;
};

}  // namespace primer::cuda
