// How kernels find an operand's rows and copies.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace primer::cuda {

// The segment of `count` that a row is in, where segment n holds rows offsets[n * step]..offsets[(n + 1) * step] and some may be empty.
template <class T>
__device__ inline int32_t segment_of(const T* offsets, int32_t count, int64_t row, int32_t step = 1) {
  int32_t low = 0, high = count;
  while (high - low > 1) {
    const int32_t middle = (low + high) / 2;
    if (offsets[middle * step] <= row) low = middle; else high = middle;
  }
  return low;
}

// Rows [begin(lane), end(lane)) belong to a lane; without offsets every lane has the same `fixed` rows.
struct Rows {
  const int32_t* offsets;
  int32_t lanes, fixed;
  int32_t step = 1;  // lanes of the batch that count as one here

  __device__ int32_t begin(int32_t lane) const { return offsets ? offsets[lane * step] : 0; }
  __device__ int32_t end(int32_t lane) const { return offsets ? offsets[(lane + 1) * step] : fixed; }
  // All lanes together; for a value with a copy a lane, of one copy.
  __device__ int32_t total() const { return offsets ? offsets[lanes * step] : fixed; }

  // The lane that a row below total() belongs to: empty lanes have none. 0 where rows do not run along an axis.
  __device__ int32_t lane_of(int64_t row) const { return offsets ? segment_of(offsets, lanes, row, step) : 0; }

  // The same rows as those of one lane.
  Rows merged() const { return {offsets, 1, fixed, step * lanes}; }
};

// One copy a lane, or one for all where the stride is 0.
template <class T>
struct Laned {
  T* data;
  int64_t stride;
  __device__ T* of(int64_t lane) const { return data + lane * stride; }
  __device__ explicit operator bool() const { return data != nullptr; }
};

}  // namespace primer::cuda
