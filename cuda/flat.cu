// Passes over flat vectors of parameters, one number of each parameter a lane, in place, for loops of meta-learning.
// flat_add: y += a x, a a number a lane; lanes whose a is 0 are left alone, whatever x holds there.
// flat_add_rated: y = x r or y += s x r, r a number a tensor; in tensors whose r is 0 nothing is added, whatever x holds there.
// flat_sum_lanes: y += sum over lanes of a x, or of a (x - start), where y, one for all lanes, has the tensors of x elsewhere.
// flat_dots: y = y + s sum over lanes of <u, x>, a number a tensor; accumulation float64, a block a tensor.
// Accumulation of the others: float32, lanes in ascending order, each number by one thread.
#include "device/kernel.h"
#include "device/streams.cuh"

namespace primer::cuda {
namespace {

struct ScaledAddition {
  float factor;
  __device__ bool wanted() const { return factor != 0; }
  __device__ void operator()(int64_t, const float* in, float* y) const { y[0] = in[0] + factor * in[1]; }
};

struct ScaledAdditions {
  Laned<const float> factors;
  __device__ ScaledAddition of(int32_t lane) const { return {*factors.of(lane)}; }
};

// operands y, x [lanes][1, P], a [lanes][1, 1]
void flat_add(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  map_lanes<float, 2, 1>(launch, launch.lanes, o[0], {&o[0], &o[1]}, {&o[0]}, ScaledAdditions{launch.laned<const float>(o[2])});
}

// A thread's numbers come in ascending order: it remembers the tensor that it is in.
struct RatedAddition {
  const float* rates;
  const int64_t* starts;
  int64_t tensors;
  float scale;
  bool keep;
  int64_t begin = 0, end = 0;
  bool inside = false;
  float rate = 0;

  __device__ RatedAddition of(int32_t) const { return *this; }
  __device__ bool wanted() const { return true; }

  // The last tensor that begins at or before e ends where the next begins, or with the vector; before the first there is none.
  __device__ void find(int64_t e) {
    int64_t low = -1, high = tensors;
    while (high - low > 1) {
      const int64_t middle = (low + high) / 2;
      if (starts[middle] <= e) low = middle; else high = middle;
    }
    inside = low >= 0;
    begin = inside ? starts[low] : 0;
    end = high < tensors ? starts[high] : INT64_MAX;
    rate = inside ? scale * rates[low] : 0.0f;
  }

  // y, x -> y
  __device__ void operator()(int64_t e, const float* in, float* y) {
    if (e < begin || e >= end) find(e);
    const float before = keep || !inside ? in[0] : 0.0f;
    y[0] = rate == 0 ? before : before + rate * in[1];
  }
};

// operands y, x [lanes][1, P], rates [1, T]; integers keep (0: y is overwritten), first number of each of the T tensors in
// ascending order (the last ends with the vector); reals s
void flat_add_rated(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t tensors = static_cast<int64_t>(i.integers.size()) - 1;
  const bool keep = i.integers[0] != 0, whole = tensors > 0 && i.integers[1] == 0;
  const RatedAddition f{launch.data<const float>(o[2]), launch.integers + 1, tensors, static_cast<float>(i.reals[0]), keep};
  map_lanes<float, 2, 1>(launch, launch.lanes, o[0], {keep || !whole ? &o[0] : nullptr, &o[1]}, {&o[0]}, f);
}

// operands y [1, Q], x [lanes][1, P], a [lanes][1, 1], start [1, Q] (or left out); integers: for each tensor its first number in y,
// its first in x, and how many it has
void flat_sum_lanes(const Launch& launch, const Instruction& i) {
  float* y = launch.data<float>(i.operands[0]);
  const float* start = launch.data<const float>(i.operands[3]);
  const Laned<const float> x = launch.laned<const float>(i.operands[1]), a = launch.laned<const float>(i.operands[2]);
  const int64_t lanes = launch.lanes, *tensors = launch.integers;
  for_copies(launch, static_cast<int64_t>(i.integers.size()) / 3, i.operands[1].cols, [=] __device__(int32_t tensor, int64_t e) {
    const int64_t to = tensors[3 * tensor] + e, from = tensors[3 * tensor + 1] + e;
    if (e >= tensors[3 * tensor + 2]) return;
    float sum = y[to];
    for (int64_t lane = 0; lane < lanes; ++lane) {
      const float factor = *a.of(lane);
      if (factor != 0) sum += factor * (start ? x.of(lane)[from] - start[to] : x.of(lane)[from]);
    }
    y[to] = sum;
  });
}

constexpr int kDotThreads = 1024;

// A block a tensor: y += scale sum over lanes of <u, x>.
__global__ void __launch_bounds__(kDotThreads) dots_kernel(float* y, Laned<const float> u, Laned<const float> x, const int64_t* tensors, int64_t lanes,
                                                           double scale) {
  __shared__ double shared[kDotThreads / kWarp];
  const int64_t begin = tensors[2 * blockIdx.x], end = begin + tensors[2 * blockIdx.x + 1];
  double sum = 0;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    const float *left = u.of(lane), *right = x.of(lane);
#pragma unroll 8
    for (int64_t e = begin + threadIdx.x; e < end; e += kDotThreads) sum += static_cast<double>(left[e]) * static_cast<double>(right[e]);
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) y[blockIdx.x] += static_cast<float>(scale * sum);
}

// operands y [1, T], u, x [lanes][1, P]; integers: for each tensor its first number and how many it has; reals s
void flat_dots(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  launch(dots_kernel, u32(static_cast<int64_t>(i.integers.size()) / 2), kDotThreads, 0, launch.data<float>(o[0]), launch.laned<const float>(o[1]),
         launch.laned<const float>(o[2]), launch.integers, launch.lanes, i.reals[0]);
}

PRIMER_REGISTER("flat_add", 3, flat_add, nullptr, nullptr)
PRIMER_REGISTER("flat_add_rated", 3, flat_add_rated, nullptr, nullptr)
PRIMER_REGISTER("flat_sum_lanes", 4, flat_sum_lanes, nullptr, nullptr)
PRIMER_REGISTER("flat_dots", 3, flat_dots, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
