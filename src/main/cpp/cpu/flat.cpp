// Passes over flat vectors of parameters, one number of each parameter a lane, in place, for loops of meta-learning.
// flat_add: y += a x, a a number a lane; lanes whose a is 0 are left alone, whatever x holds there.
// flat_add_rated: y = s r x or y += s r x, r a number a tensor; in tensors whose r is 0 nothing is added, whatever x holds there.
// flat_sum_lanes: y += sum over lanes of a x, or of a (x - start), where y, one for all lanes, has the tensors of x elsewhere.
// flat_dots: y += s sum over lanes of <u, x>, a number a tensor. Accumulation: float64, each tensor by one thread.
// Accumulation of the others: float32, lanes in ascending order, each number by one thread. So results do not depend on the number of threads.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// operands y, x [lanes][1, P], a [lanes][1, 1]
void flat_add(const Step& step, const Instruction& i) {
  const Range mine = share(step, i.operands[0].cols, kLanes);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const float a = *step.data<float>(i.operands[2], lane);
    if (a == 0) continue;
    float* y = step.data<float>(i.operands[0], lane);
    const float* x = step.data<float>(i.operands[1], lane);
#pragma omp simd
    for (int64_t e = mine.begin; e < mine.end; ++e) y[e] += a * x[e];
  }
  barrier();
}

// operands y, x [lanes][1, P], rates [1, T]; integers keep (0: y is overwritten), first number of each of the T tensors in
// ascending order (the last ends with the vector); reals s
void flat_add_rated(const Step& step, const Instruction& i) {
  const Range mine = share(step, i.operands[0].cols, kLanes);
  const bool keep = i.integers[0] != 0;
  const int64_t* starts = i.integers.data() + 1;
  const int64_t tensors = static_cast<int64_t>(i.integers.size()) - 1;
  const float* rates = step.data<float>(i.operands[2]);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    float* y = step.data<float>(i.operands[0], lane);
    const float* x = step.data<float>(i.operands[1], lane);
    for (int64_t t = 0; t < tensors; ++t) {
      const int64_t stop = t + 1 < tensors ? starts[t + 1] : i.operands[0].cols;
      const int64_t begin = starts[t] > mine.begin ? starts[t] : mine.begin, end = least(stop, mine.end);
      if (begin >= end) continue;
      const float rate = static_cast<float>(i.reals[0]) * rates[t];
      if (!keep) std::memset(y + begin, 0, static_cast<size_t>(end - begin) * 4);
      if (rate == 0) continue;
#pragma omp simd
      for (int64_t e = begin; e < end; ++e) y[e] += rate * x[e];
    }
  }
  barrier();
}

// operands y [1, Q], x [lanes][1, P], a [lanes][1, 1], start [1, Q] (or left out); integers: for each tensor its first number in y,
// its first in x, and how many it has
void flat_sum_lanes(const Step& step, const Instruction& i) {
  float* y = step.data<float>(i.operands[0]);
  const float* start = step.present(i.operands[3]) ? step.data<float>(i.operands[3]) : nullptr;
  for (size_t t = 0; t + 2 < i.integers.size(); t += 3) {
    const int64_t to = i.integers[t], from = i.integers[t + 1];
    const Range mine = share(step, i.integers[t + 2], kLanes);
    for (int64_t lane = 0; lane < step.lanes; ++lane) {
      const float a = *step.data<float>(i.operands[2], lane);
      if (a == 0) continue;
      const float* x = step.data<float>(i.operands[1], lane) + from;
      for (int64_t e = mine.begin; e < mine.end; ++e) y[to + e] += a * (start ? x[e] - start[to + e] : x[e]);
    }
  }
  barrier();
}

// operands y [1, T], u, x [lanes][1, P]; integers: for each tensor its first number and how many it has; reals s
void flat_dots(const Step& step, const Instruction& i) {
  float* y = step.data<float>(i.operands[0]);
  const int64_t tensors = static_cast<int64_t>(i.integers.size()) / 2;
  for (int64_t t = step.thread; t < tensors; t += step.threads) {
    const int64_t begin = i.integers[static_cast<size_t>(2 * t)], end = begin + i.integers[static_cast<size_t>(2 * t + 1)];
    double sum = 0;
    for (int64_t lane = 0; lane < step.lanes; ++lane) {
      const float *u = step.data<float>(i.operands[1], lane), *x = step.data<float>(i.operands[2], lane);
#pragma omp simd reduction(+ : sum)
      for (int64_t e = begin; e < end; ++e) sum += static_cast<double>(u[e]) * static_cast<double>(x[e]);
    }
    y[t] += static_cast<float>(i.reals[0] * sum);
  }
  barrier();
}

PRIMER_REGISTER("flat_add", 3, flat_add, nullptr, nullptr, nullptr)
PRIMER_REGISTER("flat_add_rated", 3, flat_add_rated, nullptr, nullptr, nullptr)
PRIMER_REGISTER("flat_sum_lanes", 4, flat_sum_lanes, nullptr, nullptr, nullptr)
PRIMER_REGISTER("flat_dots", 3, flat_dots, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
