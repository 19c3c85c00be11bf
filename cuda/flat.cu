// Passes over flat vectors of parameters, one number of each parameter a lane, in place, for loops of meta-learning.
// flat_add: y += a x, a a number a lane; lanes whose a is 0 are left alone, whatever x holds there.
// flat_add_rated: y = x r or y += s x r, r a number a tensor; in tensors whose r is 0 nothing is added, whatever x holds there.
// flat_sum_lanes: y += sum over lanes of a x, or of a (x - start), where y, one for all lanes, has the tensors of x elsewhere.
// flat_dots: y = y + s sum over lanes of <u, x>, a number a tensor; accumulation float64, a warp a tensor.
// Accumulation of the others: float32, lanes in ascending order, each number by one thread.
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// operands y, x [lanes][1, P], a [lanes][1, 1]
void flat_add(const Launch& launch, const Instruction& i) {
  const Laned<float> y = launch.laned<float>(i.operands[0]);
  const Laned<const float> x = launch.laned<const float>(i.operands[1]), a = launch.laned<const float>(i.operands[2]);
  for_copies(launch, launch.lanes, i.operands[0].cols, [=] __device__(int32_t lane, int64_t e) {
    const float factor = *a.of(lane);
    if (factor != 0) y.of(lane)[e] += factor * x.of(lane)[e];
  });
}

// The tensor, of `count` that begin at starts[0], starts[1], ..., that number e belongs to; -1 before the first.
__device__ int64_t tensor_of(const int64_t* starts, int64_t count, int64_t e) {
  int64_t low = -1, high = count;
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    if (starts[middle] <= e) low = middle; else high = middle;
  }
  return low;
}

// operands y, x [lanes][1, P], rates [1, T]; integers keep (0: y is overwritten), first number of each of the T tensors in
// ascending order (the last ends with the vector); reals s
void flat_add_rated(const Launch& launch, const Instruction& i) {
  const Laned<float> y = launch.laned<float>(i.operands[0]);
  const Laned<const float> x = launch.laned<const float>(i.operands[1]);
  const float* rates = launch.data<const float>(i.operands[2]);
  const int64_t *starts = launch.integers + 1, tensors = static_cast<int64_t>(i.integers.size()) - 1;
  const bool keep = i.integers[0] != 0;
  const float scale = static_cast<float>(i.reals[0]);
  for_copies(launch, launch.lanes, i.operands[0].cols, [=] __device__(int32_t lane, int64_t e) {
    const int64_t tensor = tensor_of(starts, tensors, e);
    if (tensor < 0) return;
    const float rate = scale * rates[tensor], before = keep ? y.of(lane)[e] : 0.0f;
    y.of(lane)[e] = rate == 0 ? before : before + rate * x.of(lane)[e];
  });
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

// operands y [1, T], u, x [lanes][1, P]; integers: for each tensor its first number and how many it has; reals s
void flat_dots(const Launch& launch, const Instruction& i) {
  float* y = launch.data<float>(i.operands[0]);
  const Laned<const float> u = launch.laned<const float>(i.operands[1]), x = launch.laned<const float>(i.operands[2]);
  const int64_t lanes = launch.lanes, *tensors = launch.integers;
  const double scale = i.reals[0];
  for_warps(launch, static_cast<int64_t>(i.integers.size()) / 2, [=] __device__(int32_t tensor, int32_t at) {
    const int64_t begin = tensors[2 * tensor], end = begin + tensors[2 * tensor + 1];
    double sum = 0;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      for (int64_t e = begin + at; e < end; e += kWarp) sum += static_cast<double>(u.of(lane)[e]) * static_cast<double>(x.of(lane)[e]);
    }
    sum = warp_sum(sum);
    if (at == 0) y[tensor] += static_cast<float>(scale * sum);
  });
}

PRIMER_REGISTER("flat_add", 3, flat_add, nullptr, nullptr)
PRIMER_REGISTER("flat_add_rated", 3, flat_add_rated, nullptr, nullptr)
PRIMER_REGISTER("flat_sum_lanes", 4, flat_sum_lanes, nullptr, nullptr)
PRIMER_REGISTER("flat_dots", 3, flat_dots, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
