// Hands out pieces of an instruction's scratch; from a null start it counts them.
#pragma once

#include <cstdint>

namespace primer::cuda {

class Pieces {
 public:
  explicit Pieces(char* start) : at_(start) {}
  template <class T>
  T* take(int64_t count) {
    T* piece = reinterpret_cast<T*>(at_);
    at_ += (count * static_cast<int64_t>(sizeof(T)) + kAligned - 1) / kAligned * kAligned;
    return piece;
  }
  int64_t bytes() const { return reinterpret_cast<int64_t>(at_); }

 private:
  static constexpr int64_t kAligned = 128;
  char* at_;
};

}  // namespace primer::cuda
