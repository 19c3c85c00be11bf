// Passes over flat vectors of parameters, one number of each parameter a lane, in place, for loops of meta-learning.
// flat_add: y += a x, a a number a lane; lanes whose a is 0 are left alone, whatever x holds there.
// flat_add_rated: y = x r or y += s x r, r a number a tensor; in tensors whose r is 0 nothing is added, whatever x holds there.
// flat_sum_lanes: y += sum over lanes of a x, or of a (x - start), where y, one for all lanes, has the tensors of x elsewhere.
// flat_dots: y = y + s sum over lanes of <u, x>, a number a tensor; accumulation float64, a block for each piece of a tensor's copy, whose sums a
//   second launch adds up in order where there are several.
// Accumulation of the others: float32, lanes in ascending order, each number by one thread.
// Floor: bytes of all numbers that are read and written, once.
#include "device/kernel.h"
#include "device/streams.cuh"

namespace primer::cuda {
namespace {

// Tensors of different sizes are cut into pieces of so many numbers or fewer, a block each.
constexpr int64_t kPiece = 8192;

inline int64_t pieces_of(const Instruction& i, size_t stride) {
  int64_t pieces = 0;
  for (size_t t = stride - 1; t < i.integers.size(); t += stride) pieces += ceil_div(i.integers[t], kPiece);
  return pieces;
}

// Tensor n's integers are those from n stride on, its size the last of them.
struct Tensors {
  const int64_t* integers;
  int32_t count, stride;
  __device__ int64_t size(int64_t n) const { return integers[(n + 1) * stride - 1]; }
  __device__ int64_t pieces(int64_t n) const { return n < count ? (size(n) + kPiece - 1) / kPiece : 0; }
};

// Numbers [begin, end) of a tensor.
struct Piece {
  int32_t tensor;
  int64_t begin, end;
};

// The n-th of all tensors' pieces; a warp looks at 32 tensors at once.
__device__ inline Piece piece_at(const Tensors& tensors, int64_t n) {
  for (int32_t first = 0; first < tensors.count; first += kWarp) {
    const int64_t mine = tensors.pieces(first + warp_lane()), upto = warp_prefix_sum(mine);
    const unsigned beyond = __ballot_sync(kWholeWarp, upto > n);
    if (beyond == 0) {
      n -= __shfl_sync(kWholeWarp, upto, kWarp - 1);
      continue;
    }
    const int32_t found = __popc(~beyond & (beyond - 1));
    const int64_t begin = (n - __shfl_sync(kWholeWarp, upto - mine, found)) * kPiece, size = tensors.size(first + found);
    return {first + found, begin, begin + kPiece < size ? begin + kPiece : size};
  }
  return {0, 0, 0};
}

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

// y, one for all lanes, and x of each lane where a tensor begins; `start` may be null.
struct LaneSums {
  float* y;
  const float* start;
  Laned<const float> x, a;
  int32_t lanes;
};

// A block a piece.
__global__ void __launch_bounds__(kThreads) sum_lanes_kernel(LaneSums s, Tensors tensors) {
  constexpr int kAtOnce = 4;
  const Piece piece = piece_at(tensors, blockIdx.x);
  const int64_t *places = tensors.integers + int64_t{piece.tensor} * tensors.stride, to = places[0], from = places[1];
  for (int64_t e = piece.begin + threadIdx.x; e < piece.end; e += kAtOnce * kThreads) {
    float sum[kAtOnce], start[kAtOnce];
    int64_t at[kAtOnce];
#pragma unroll
    for (int u = 0; u < kAtOnce; ++u) {
      at[u] = e + u * kThreads < piece.end ? e + u * kThreads : piece.end - 1;  // no branch between loads
      sum[u] = s.y[to + at[u]];
      start[u] = s.start ? s.start[to + at[u]] : 0.0f;
    }
    for (int32_t lane = 0; lane < s.lanes; ++lane) {
      const float factor = *s.a.of(lane);
      if (factor == 0) continue;
      float x[kAtOnce];
#pragma unroll
      for (int u = 0; u < kAtOnce; ++u) x[u] = s.x.of(lane)[from + at[u]];
#pragma unroll
      for (int u = 0; u < kAtOnce; ++u) sum[u] += factor * (x[u] - start[u]);
    }
#pragma unroll
    for (int u = 0; u < kAtOnce; ++u) {
      if (e + u * kThreads < piece.end) s.y[to + at[u]] = sum[u];
    }
  }
}

// operands y [1, Q], x [lanes][1, P], a [lanes][1, 1], start [1, Q] (or left out); integers: for each tensor its first number in y,
// its first in x, and how many it has
void flat_sum_lanes(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const LaneSums s{launch.data<float>(o[0]), launch.data<const float>(o[3]), launch.laned<const float>(o[1]), launch.laned<const float>(o[2]),
                   static_cast<int32_t>(launch.lanes)};
  launch(sum_lanes_kernel, u32(pieces_of(i, 3)), kThreads, 0, s, Tensors{launch.integers, static_cast<int32_t>(i.integers.size() / 3), 3});
}

// A block for each piece of each lane's copy: its sum to partial [pieces][lanes], or, where there is none, to y, which then has but one copy and a
// piece a tensor.
__global__ void __launch_bounds__(kThreads) dots_kernel(float* y, Laned<const float> u, Laned<const float> x, Tensors tensors, double scale, double* partial) {
  __shared__ double shared[kThreads / kWarp];
  const Piece piece = piece_at(tensors, blockIdx.x);
  const int64_t begin = tensors.integers[int64_t{piece.tensor} * tensors.stride];
  const float *left = u.of(blockIdx.y) + begin, *right = x.of(blockIdx.y) + begin;
  double sum = 0;
#pragma unroll 8
  for (int64_t e = piece.begin + threadIdx.x; e < piece.end; e += kThreads) sum += static_cast<double>(left[e]) * static_cast<double>(right[e]);
  sum = block_sum(sum, shared);
  if (threadIdx.x != 0) return;
  if (partial) partial[static_cast<int64_t>(blockIdx.x) * gridDim.y + blockIdx.y] = sum;
  else y[piece.tensor] += static_cast<float>(scale * sum);
}

// A warp a tensor: its pieces follow those of the tensors before it.
__global__ void __launch_bounds__(kWarp) add_dots_kernel(float* y, Tensors tensors, int32_t lanes, double scale, const double* partial) {
  const int32_t tensor = static_cast<int32_t>(blockIdx.x);
  int64_t before = 0;
  for (int32_t n = warp_lane(); n < tensor; n += kWarp) before += tensors.pieces(n);
  const int64_t first = warp_sum(before) * lanes, end = first + tensors.pieces(tensor) * lanes;
  double sum = 0;
  for (int64_t p = first + warp_lane(); p < end; p += kWarp) sum += partial[p];
  sum = warp_sum(sum);
  if (warp_lane() == 0) y[tensor] += static_cast<float>(scale * sum);
}

// operands y [1, T], u, x [lanes][1, P]; integers: for each tensor its first number and how many it has; reals s
void flat_dots(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  float* y = launch.data<float>(o[0]);
  const Tensors tensors{launch.integers, static_cast<int32_t>(i.integers.size() / 2), 2};
  const int64_t pieces = pieces_of(i, 2);
  bool whole = launch.lanes == 1;
  for (size_t t = 1; t < i.integers.size(); t += 2) whole = whole && i.integers[t] <= kPiece;
  double* partial = whole ? nullptr : reinterpret_cast<double*>(launch.scratch);
  launch(dots_kernel, dim3(u32(pieces), u32(launch.lanes)), kThreads, 0, y, launch.laned<const float>(o[1]), launch.laned<const float>(o[2]), tensors, i.reals[0],
         partial);
  if (!whole) launch(add_dots_kernel, u32(tensors.count), kWarp, 0, y, tensors, static_cast<int32_t>(launch.lanes), i.reals[0], partial);
}

int64_t dots_scratch(const Instruction& i, int64_t lanes) { return pieces_of(i, 2) * lanes * static_cast<int64_t>(sizeof(double)); }

PRIMER_REGISTER("flat_add", 3, flat_add, nullptr, nullptr)
PRIMER_REGISTER("flat_add_rated", 3, flat_add_rated, nullptr, nullptr)
PRIMER_REGISTER("flat_sum_lanes", 4, flat_sum_lanes, nullptr, nullptr)
PRIMER_REGISTER("flat_dots", 3, flat_dots, nullptr, dots_scratch)

}  // namespace
}  // namespace primer::cuda
