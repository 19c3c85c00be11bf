// Flat optimizers: one pass over each lane's parameters, [lanes][1, P].
// clip_grad_norm (Pascanu et al. 2013): norm = ||g||, factor = min(1, limit / (norm + 1e-6)). Accumulation: float64 over
//   blocks of fixed size, blocks in ascending order, so that the result does not depend on the number of threads.
//   A norm that is not finite gives a factor that is not, and then the update leaves every number of the lane as it is.
// adamw (Loshchilov and Hutter 2019, alg. 2) and sgd with momentum, on factor * g.
// accumulate: sum = g for the first part of a batch, sum += g for the others.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

constexpr int64_t kBlock = 16384;

// operands g, partial f64 [lanes][1, blocks], norm, factor; reals limit (0: no clipping)
void clip_grad_norm(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t n = o[0].cols, blocks = (n + kBlock - 1) / kBlock;
  for (int64_t job = step.thread; job < blocks * step.lanes; job += step.threads) {
    const int64_t lane = job / blocks, begin = job % blocks * kBlock, end = least(n, begin + kBlock);
    const float* g = step.data<float>(o[0], lane);
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t e = begin; e < end; ++e) sum += static_cast<double>(g[e]) * static_cast<double>(g[e]);
    step.data<double>(o[1], lane)[job % blocks] = sum;
  }
  barrier();
  for (int64_t lane = step.thread; lane < step.lanes; lane += step.threads) {
    double sum = 0;
    for (int64_t b = 0; b < blocks; ++b) sum += step.data<double>(o[1], lane)[b];
    const double norm = std::sqrt(sum), limit = i.reals[0];
    const double clipped = limit > 0 && limit < norm + 1e-6 ? limit / (norm + 1e-6) : 1.0;
    *step.data<float>(o[2], lane) = static_cast<float>(norm);
    *step.data<float>(o[3], lane) = std::isfinite(norm) ? static_cast<float>(clipped) : NAN;
  }
  barrier();
}

// operands p, g, m, v, factor, rate, count int32 (updates done, this one included); integers decayed (elements at the
// front that decay); reals beta1, beta2, eps, decay
void adamw(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const Range mine = share(step, o[0].cols, kLanes);
  const float b1 = static_cast<float>(i.reals[0]), b2 = static_cast<float>(i.reals[1]), eps = static_cast<float>(i.reals[2]);
  const float rest1 = static_cast<float>(1.0 - i.reals[0]), rest2 = static_cast<float>(1.0 - i.reals[1]);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const float factor = *step.data<float>(o[4], lane), rate = *step.data<float>(o[5], lane);
    if (!std::isfinite(factor)) continue;
    const int32_t count = *step.data<int32_t>(o[6], lane);
    const float c1 = static_cast<float>(1.0 / (1.0 - std::pow(i.reals[0], count)));
    const float c2 = static_cast<float>(1.0 / (1.0 - std::pow(i.reals[1], count)));
    const float keep = static_cast<float>(1.0 - static_cast<double>(rate) * i.reals[3]);
    float *p = step.data<float>(o[0], lane), *m = step.data<float>(o[2], lane), *v = step.data<float>(o[3], lane);
    const float* g = step.data<float>(o[1], lane);
    const int64_t decayed = i.integers[0];
#pragma omp simd
    for (int64_t e = mine.begin; e < mine.end; ++e) {
      const float grad = factor * g[e];
      m[e] = b1 * m[e] + rest1 * grad;
      v[e] = b2 * v[e] + rest2 * grad * grad;
      const float start = e < decayed ? keep * p[e] : p[e];
      p[e] = start - rate * (m[e] * c1) / (std::sqrt(v[e] * c2) + eps);
    }
  }
  barrier();
}

// operands p, g, m (left out without momentum), factor, rate; reals momentum
void sgd(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const Range mine = share(step, o[0].cols, kLanes);
  const float momentum = static_cast<float>(i.reals[0]);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const float factor = *step.data<float>(o[3], lane), rate = *step.data<float>(o[4], lane);
    if (!std::isfinite(factor)) continue;
    float *p = step.data<float>(o[0], lane), *m = step.present(o[2]) ? step.data<float>(o[2], lane) : nullptr;
    const float* g = step.data<float>(o[1], lane);
    for (int64_t e = mine.begin; e < mine.end; ++e) {
      float move = factor * g[e];
      if (m) move = m[e] = momentum * m[e] + move;
      p[e] -= rate * move;
    }
  }
  barrier();
}

// operands sum, g, first int32 [lanes][1, 1]
void accumulate(const Step& step, const Instruction& i) {
  const Range mine = share(step, i.operands[0].cols, kLanes);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    float* sum = step.data<float>(i.operands[0], lane);
    const float* g = step.data<float>(i.operands[1], lane);
    if (*step.data<int32_t>(i.operands[2], lane)) {
      std::memcpy(sum + mine.begin, g + mine.begin, static_cast<size_t>(mine.end - mine.begin) * 4);
      continue;
    }
#pragma omp simd
    for (int64_t e = mine.begin; e < mine.end; ++e) sum[e] += g[e];
  }
  barrier();
}

PRIMER_REGISTER("clip_grad_norm", 4, clip_grad_norm, nullptr, nullptr, nullptr)
PRIMER_REGISTER("adamw", 7, adamw, nullptr, nullptr, nullptr)
PRIMER_REGISTER("sgd", 5, sgd, nullptr, nullptr, nullptr)
PRIMER_REGISTER("accumulate", 3, accumulate, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
