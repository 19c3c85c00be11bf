// Flat optimizers: one pass over each lane's parameters, [lanes][1, P], all lanes in one launch.
// clip_grad_norm (Pascanu et al. 2013): norm = ||g||, factor = min(1, limit / (norm + 1e-6)). Accumulation: float64 over
//   blocks of fixed size, blocks in ascending order, so that the result does not depend on the grid.
//   A norm that is not finite gives a factor that is not, and then the update leaves every number of the lane as it is.
// adamw (Loshchilov and Hutter 2019, alg. 2) and sgd with momentum, on factor * g.
// accumulate: sum = g for the first part of a batch, sum += g for the others.
// Floor: bytes; adamw reads 16 and writes 12 a number.
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

constexpr int64_t kBlock = 16384;

// A block sums one part of a lane's gradient.
__global__ void squares_kernel(Laned<const float> g, Laned<double> partial, int64_t n) {
  __shared__ double shared[kThreads / kWarp];
  const int64_t begin = blockIdx.x * kBlock, end = begin + kBlock < n ? begin + kBlock : n;
  const float* in = g.of(blockIdx.y);
  double sum = 0;
  for (int64_t e = begin + threadIdx.x; e < end; e += kThreads) sum += static_cast<double>(in[e]) * static_cast<double>(in[e]);
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) partial.of(blockIdx.y)[blockIdx.x] = sum;
}

// operands g, partial f64 [lanes][1, blocks], norm, factor; reals limit (0: no clipping)
void clip_grad_norm(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t n = o[0].cols, blocks = ceil_div(n, kBlock);
  const Laned<double> partial = launch.laned<double>(o[1]);
  const Laned<float> norms = launch.laned<float>(o[2]), factors = launch.laned<float>(o[3]);
  const double limit = i.reals[0];
  launch(squares_kernel, dim3(u32(blocks), u32(launch.lanes)), kThreads, 0, launch.laned<const float>(o[0]), partial, n);
  for_warps(launch, launch.lanes, [=] __device__(int32_t lane, int32_t at) {
    double sum = 0;
    for (int64_t b = at; b < blocks; b += kWarp) sum += partial.of(lane)[b];
    const double norm = ::sqrt(warp_sum(sum)), clipped = limit > 0 && limit < norm + 1e-6 ? limit / (norm + 1e-6) : 1.0;
    if (at != 0) return;
    *norms.of(lane) = static_cast<float>(norm);
    *factors.of(lane) = isfinite(norm) ? static_cast<float>(clipped) : NAN;
  });
}

// operands p, g, m, v, factor, rate, count int32 (updates done, this one included); integers decayed (elements at the
// front that decay); reals beta1, beta2, eps, decay
void adamw(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Laned<float> p = launch.laned<float>(o[0]), m = launch.laned<float>(o[2]), v = launch.laned<float>(o[3]);
  const Laned<const float> g = launch.laned<const float>(o[1]), factors = launch.laned<const float>(o[4]), rates = launch.laned<const float>(o[5]);
  const Laned<const int32_t> counts = launch.laned<const int32_t>(o[6]);
  const double beta1 = i.reals[0], beta2 = i.reals[1], decay = i.reals[3];
  const float eps = static_cast<float>(i.reals[2]);
  const int64_t decayed = i.integers[0];
  for_copies(launch, launch.lanes, o[0].cols, [=] __device__(int32_t lane, int64_t e) {
    const float factor = *factors.of(lane), rate = *rates.of(lane);
    if (!isfinite(factor)) return;
    const int32_t count = *counts.of(lane);
    const float c1 = static_cast<float>(1.0 / (1.0 - ::pow(beta1, static_cast<double>(count))));
    const float c2 = static_cast<float>(1.0 / (1.0 - ::pow(beta2, static_cast<double>(count))));
    const float keep = static_cast<float>(1.0 - static_cast<double>(rate) * decay), gradient = factor * g.of(lane)[e];
    const float moment = static_cast<float>(beta1) * m.of(lane)[e] + static_cast<float>(1.0 - beta1) * gradient;
    const float square = static_cast<float>(beta2) * v.of(lane)[e] + static_cast<float>(1.0 - beta2) * gradient * gradient;
    m.of(lane)[e] = moment;
    v.of(lane)[e] = square;
    const float start = e < decayed ? keep * p.of(lane)[e] : p.of(lane)[e];
    p.of(lane)[e] = start - rate * (moment * c1) / (::sqrtf(square * c2) + eps);
  });
}

// operands p, g, m (left out without momentum), factor, rate; reals momentum
void sgd(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Laned<float> p = launch.laned<float>(o[0]), m = launch.laned<float>(o[2]);
  const Laned<const float> g = launch.laned<const float>(o[1]), factors = launch.laned<const float>(o[3]), rates = launch.laned<const float>(o[4]);
  const float momentum = static_cast<float>(i.reals[0]);
  for_copies(launch, launch.lanes, o[0].cols, [=] __device__(int32_t lane, int64_t e) {
    const float factor = *factors.of(lane);
    if (!isfinite(factor)) return;
    float move = factor * g.of(lane)[e];
    if (m) move = m.of(lane)[e] = momentum * m.of(lane)[e] + move;
    p.of(lane)[e] -= *rates.of(lane) * move;
  });
}

// operands sum, g, first int32 [lanes][1, 1]
void accumulate(const Launch& launch, const Instruction& i) {
  const Laned<float> sum = launch.laned<float>(i.operands[0]);
  const Laned<const float> g = launch.laned<const float>(i.operands[1]);
  const Laned<const int32_t> first = launch.laned<const int32_t>(i.operands[2]);
  for_copies(launch, launch.lanes, i.operands[0].cols, [=] __device__(int32_t lane, int64_t e) {
    sum.of(lane)[e] = *first.of(lane) ? g.of(lane)[e] : sum.of(lane)[e] + g.of(lane)[e];
  });
}

PRIMER_REGISTER("clip_grad_norm", 4, clip_grad_norm, nullptr, nullptr)
PRIMER_REGISTER("adamw", 7, adamw, nullptr, nullptr)
PRIMER_REGISTER("sgd", 5, sgd, nullptr, nullptr)
PRIMER_REGISTER("accumulate", 3, accumulate, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
