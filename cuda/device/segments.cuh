// Segments of rows: segment n has rows first[n]..first[n + 1].
#pragma once

#include "launch.h"

namespace primer::cuda {

struct Segments {
  Rows all;  // a row a segment
  const int32_t* first;

  __device__ int32_t groups() const { return all.total(); }
  __device__ int32_t begin(int32_t n) const { return first[n]; }
  __device__ int32_t end(int32_t n) const { return first[n + 1]; }

  // The segment that holds row r, or -1.
  __device__ int32_t of(int64_t r) const {
    int32_t low = -1, high = groups();
    while (high - low > 1) {
      const int32_t middle = (low + high) / 2;
      if (first[middle] <= r) low = middle; else high = middle;
    }
    return low >= 0 && r < end(low) ? low : -1;
  }
};

inline Segments segments(const Launch& launch, const Operand& one_each, const Operand& offsets) {
  return {launch.rows(one_each), launch.data<const int32_t>(offsets)};
}

}  // namespace primer::cuda
