// Flat optimizers: one pass over each lane's parameters, [lanes][1, P], all lanes in one launch.
// clip_grad_norm (Pascanu et al. 2013): norm = ||g||, factor = min(1, limit / (norm + 1e-6)). Accumulation: float64 over
//   blocks of fixed size, blocks in ascending order, so that the result does not depend on the grid.
//   A norm that is not finite gives a factor that is not, and then the update leaves every number of the lane as it is.
// adamw (Loshchilov and Hutter 2019, alg. 2) and sgd with momentum, on factor * g.
// accumulate: sum = g for the first part of a batch, sum += g for the others.
// Floor: bytes; adamw reads 16 and writes 12 a number.
#include "device/kernel.h"
#include "device/streams.cuh"

namespace primer::cuda {
namespace {

constexpr int64_t kBlock = 16384;

template <int N>
__device__ double square_sum(const Vector<float, N>& v) {
  double sum = 0;
#pragma unroll
  for (int e = 0; e < N; ++e) sum += static_cast<double>(v.n[e]) * static_cast<double>(v.n[e]);
  return sum;
}

constexpr int kSquaresThreads = 512;

// A block sums one part of a lane's gradient: with wide loads all of them are on their way before the first addition.
template <int N>
__global__ void __launch_bounds__(kSquaresThreads) squares_kernel(Laned<const float> g, Laned<double> partial, int64_t n) {
  constexpr int kLoads = kBlock / (kSquaresThreads * N);
  __shared__ double shared[kSquaresThreads / kWarp];
  const int64_t begin = blockIdx.x * kBlock;
  const float* in = g.of(blockIdx.y) + begin;
  const int32_t count = static_cast<int32_t>(begin + kBlock < n ? kBlock : n - begin), mine = static_cast<int32_t>(threadIdx.x) * N;
  double sum = 0;
#pragma unroll
  for (int u = 0; u < kLoads; ++u) {
    const Part<N> part{mine + u * kSquaresThreads * N};
    if (part.c + N <= count) sum += square_sum(load(in, part));
  }
  const int32_t rest = count / N * N + static_cast<int32_t>(threadIdx.x);
  if (rest < count) sum += square_sum(load(in, Part<1>{rest}));
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) partial.of(blockIdx.y)[blockIdx.x] = sum;
}

// A block a lane.
__global__ void __launch_bounds__(kThreads) factors_kernel(Laned<const double> partial, int64_t blocks, double limit, Laned<float> norms, Laned<float> factors) {
  __shared__ double shared[kThreads / kWarp];
  double sum = 0;
  for (int64_t b = threadIdx.x; b < blocks; b += kThreads) sum += partial.of(blockIdx.x)[b];
  const double norm = ::sqrt(block_sum(sum, shared)), clipped = limit > 0 && limit < norm + 1e-6 ? limit / (norm + 1e-6) : 1.0;
  if (threadIdx.x != 0) return;
  *norms.of(blockIdx.x) = static_cast<float>(norm);
  *factors.of(blockIdx.x) = isfinite(norm) ? static_cast<float>(clipped) : NAN;
}

// operands g, partial f64 [lanes][1, blocks], norm, factor; reals limit (0: no clipping)
void clip_grad_norm(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t n = o[0].cols, blocks = ceil_div(n, kBlock);
  const auto squares = aligned<float>(launch, {&o[0]}) ? squares_kernel<kWide<float>> : squares_kernel<1>;
  launch(squares, dim3(u32(blocks), u32(launch.lanes)), kSquaresThreads, 0, launch.laned<const float>(o[0]), launch.laned<double>(o[1]), n);
  launch(factors_kernel, u32(launch.lanes), kThreads, 0, launch.laned<const double>(o[1]), blocks, i.reals[0], launch.laned<float>(o[2]),
         launch.laned<float>(o[3]));
}

// What an update takes of a lane: clipping's factor and the rate. A factor that is not finite leaves the lane as it is.
struct Rate {
  Laned<const float> factors, rates;
  __device__ float factor(int32_t lane) const { return *factors.of(lane); }
  __device__ float rate(int32_t lane) const { return *rates.of(lane); }
};

struct AdamWStep {
  float factor, rate, beta1, other1, beta2, other2, c1, c2, eps, keep;
  int64_t decayed;
  __device__ bool wanted() const { return isfinite(factor); }
  // p, g, m, v -> p, m, v
  __device__ void operator()(int64_t e, const float* x, float* y) const {
    const float gradient = factor * x[1], start = e < decayed ? keep * x[0] : x[0];
    y[1] = beta1 * x[2] + other1 * gradient;
    y[2] = beta2 * x[3] + other2 * gradient * gradient;
    y[0] = start - rate * (y[1] * c1) / (::sqrtf(y[2] * c2) + eps);
  }
};

struct AdamW {
  Rate step;
  Laned<const int32_t> counts;
  double beta1, beta2, decay;
  float eps;
  int64_t decayed;
  __device__ AdamWStep of(int32_t lane) const {
    const double count = static_cast<double>(*counts.of(lane));
    return {step.factor(lane), step.rate(lane), static_cast<float>(beta1), static_cast<float>(1.0 - beta1), static_cast<float>(beta2),
            static_cast<float>(1.0 - beta2), static_cast<float>(1.0 / (1.0 - ::pow(beta1, count))), static_cast<float>(1.0 / (1.0 - ::pow(beta2, count))),
            eps, static_cast<float>(1.0 - static_cast<double>(step.rate(lane)) * decay), decayed};
  }
};

// operands p, g, m, v, factor, rate, count int32 (updates done, this one included); integers decayed (elements at the
// front that decay); reals beta1, beta2, eps, decay
void adamw(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const AdamW f{{launch.laned<const float>(o[4]), launch.laned<const float>(o[5])}, launch.laned<const int32_t>(o[6]), i.reals[0], i.reals[1], i.reals[3],
                static_cast<float>(i.reals[2]), i.integers[0]};
  map_lanes<float, 4, 3>(launch, launch.lanes, o[0], {&o[0], &o[1], &o[2], &o[3]}, {&o[0], &o[2], &o[3]}, f);
}

struct SgdStep {
  float factor, rate, momentum;
  __device__ bool wanted() const { return isfinite(factor); }
  // p, g, m -> p, m
  __device__ void operator()(int64_t, const float* x, float* y) const {
    y[1] = momentum * x[2] + factor * x[1];
    y[0] = x[0] - rate * y[1];
  }
};

struct Sgd {
  Rate step;
  float momentum;
  __device__ SgdStep of(int32_t lane) const { return {step.factor(lane), step.rate(lane), momentum}; }
};

// operands p, g, m (left out without momentum), factor, rate; reals momentum
void sgd(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Sgd f{{launch.laned<const float>(o[3]), launch.laned<const float>(o[4])}, static_cast<float>(i.reals[0])};
  map_lanes<float, 3, 2>(launch, launch.lanes, o[0], {&o[0], &o[1], &o[2]}, {&o[0], &o[2]}, f);
}

struct Addition {
  bool first;
  __device__ bool wanted() const { return true; }
  __device__ void operator()(int64_t, const float* x, float* y) const { y[0] = first ? x[1] : x[0] + x[1]; }
};

struct Accumulation {
  Laned<const int32_t> first;
  __device__ Addition of(int32_t lane) const { return {*first.of(lane) != 0}; }
};

// operands sum, g, first int32 [lanes][1, 1]
void accumulate(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  map_lanes<float, 2, 1>(launch, launch.lanes, o[0], {&o[0], &o[1]}, {&o[0]}, Accumulation{launch.laned<const int32_t>(o[2])});
}

PRIMER_REGISTER("clip_grad_norm", 4, clip_grad_norm, nullptr, nullptr)
PRIMER_REGISTER("adamw", 7, adamw, nullptr, nullptr)
PRIMER_REGISTER("sgd", 5, sgd, nullptr, nullptr)
PRIMER_REGISTER("accumulate", 3, accumulate, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
