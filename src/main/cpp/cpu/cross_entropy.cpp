// cross_entropy: loss[lane] = sum over the lane's rows of weight[t] * -log softmax(x[t])[label[t]].
//   x [T, V], label int32 [T] (any value where weight is 0), weight [T, 1] -> loss [lanes][1, 1], lse [T, 1].
// cross_entropy_backward: dx[t, j] = dloss weight[t] (exp(x[t, j] - lse[t]) - [j = label[t]]).   Overwrites. Saved: x, lse.
//   Accumulation: float32 within a row, float64 over rows.
#include "cpu/functions.h"

PRIMER_KERNELS {
namespace {

float log_sum_exp(const float* x, int64_t n) {
  float top = -INFINITY, sum = 0;
#pragma omp simd reduction(max : top)
  for (int64_t j = 0; j < n; ++j) top = x[j] > top ? x[j] : top;
#pragma omp simd reduction(+ : sum)
  for (int64_t j = 0; j < n; ++j) sum += exp_fast(x[j] - top);
  return top + std::log(sum);
}

// operands x, label, weight, loss, lse
void cross_entropy(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t v = o[0].cols;
  const float *x = step.data<float>(o[0]), *weight = step.data<float>(o[2]);
  float* lse = step.data<float>(o[4]);
  const Range mine = share(step, step.rows(o[0]));
  for (int64_t r = mine.begin; r < mine.end; ++r) lse[r] = log_sum_exp(x + r * v, v);
  barrier();
  for (int64_t lane = step.thread; lane < step.lanes; lane += step.threads) {
    const Range rows = lane_rows(step, o[0], lane);
    double loss = 0;
    for (int64_t r = rows.begin; r < rows.end; ++r) {
      if (weight[r] != 0) loss += static_cast<double>(weight[r]) * static_cast<double>(lse[r] - x[r * v + step.data<int32_t>(o[1])[r]]);
    }
    *step.data<float>(o[3], lane) = static_cast<float>(loss);
  }
  barrier();
}

// operands dloss, x, lse, label, weight, dx
void cross_entropy_backward(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t v = o[1].cols;
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, o[1], lane);
    const Range mine = share(step, rows.end - rows.begin);
    for (int64_t r = rows.begin + mine.begin; r < rows.begin + mine.end; ++r) {
      const float scale = *step.data<float>(o[0], lane) * step.data<float>(o[4])[r], lse = step.data<float>(o[2])[r];
      const float* x = step.data<float>(o[1]) + r * v;
      float* dx = step.data<float>(o[5]) + r * v;
#pragma omp simd
      for (int64_t j = 0; j < v; ++j) dx[j] = scale * exp_fast(x[j] - lse);
      if (scale != 0) dx[step.data<int32_t>(o[3])[r]] -= scale;
    }
  }
  barrier();
}

PRIMER_REGISTER("cross_entropy", 5, cross_entropy, nullptr, nullptr, nullptr)
PRIMER_REGISTER("cross_entropy_backward", 6, cross_entropy_backward, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
