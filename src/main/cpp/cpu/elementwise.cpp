// Elementwise primitives, float32 and float64: add, sub, mul, and of one value exp, log, erf, tanh, reciprocal, rsqrt,
// scale (y = c x), add_scalar (y = x + c), step (y = 1 where x > 0, else 0), fill (y = c). All operands have the shape of the result.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// Calls f(lane, begin, end) with this thread's elements of each contiguous part of `o`.
template <class F>
void for_my_elements(const Step& step, const Operand& o, F&& f) {
  const bool laned = o.axis < 0 && o.lane_stride != 0;
  const Range mine = share(step, step.rows(o) * o.cols, kLanes);
  for (int64_t lane = 0; lane < (laned ? step.lanes : 1); ++lane) f(lane, mine.begin, mine.end);
  barrier();
}

template <class T, class F>
void unary(const Step& step, const Instruction& i, F&& f) {
  for_my_elements(step, i.operands[1], [&](int64_t lane, int64_t begin, int64_t end) {
    const T* x = step.data<T>(i.operands[0], lane);
    T* y = step.data<T>(i.operands[1], lane);
    for (int64_t e = begin; e < end; ++e) y[e] = f(x[e]);
  });
}

template <class T, class F>
void binary(const Step& step, const Instruction& i, F&& f) {
  for_my_elements(step, i.operands[2], [&](int64_t lane, int64_t begin, int64_t end) {
    const T *a = step.data<T>(i.operands[0], lane), *b = step.data<T>(i.operands[1], lane);
    T* y = step.data<T>(i.operands[2], lane);
#pragma omp simd
    for (int64_t e = begin; e < end; ++e) y[e] = f(a[e], b[e]);
  });
}

#define PRIMER_UNARY(name, expression)                                              \
  template <class T>                                                                \
  void name(const Step& step, const Instruction& i) {                               \
    [[maybe_unused]] const T c = i.reals.empty() ? T(0) : static_cast<T>(i.reals[0]); \
    unary<T>(step, i, [c](T x) { (void)c; return expression; });                    \
  }                                                                                 \
  PRIMER_REGISTER(#name, 2, name<float>, name<double>, nullptr, nullptr)

#define PRIMER_BINARY(name, expression)                                   \
  template <class T>                                                      \
  void name(const Step& step, const Instruction& i) {                     \
    binary<T>(step, i, [](T a, T b) { return expression; });              \
  }                                                                       \
  PRIMER_REGISTER(#name, 3, name<float>, name<double>, nullptr, nullptr)

PRIMER_UNARY(exp, std::exp(x))
PRIMER_UNARY(log, std::log(x))
PRIMER_UNARY(erf, std::erf(x))
PRIMER_UNARY(tanh, std::tanh(x))
PRIMER_UNARY(reciprocal, T(1) / x)
PRIMER_UNARY(rsqrt, T(1) / std::sqrt(x))
PRIMER_UNARY(scale, c * x)
PRIMER_UNARY(add_scalar, c + x)
PRIMER_UNARY(step, x > T(0) ? T(1) : T(0))
PRIMER_BINARY(add, a + b)
PRIMER_BINARY(sub, a - b)
PRIMER_BINARY(mul, a * b)

// operands y; reals c
template <class T>
void fill(const Step& step, const Instruction& i) {
  for_my_elements(step, i.operands[0], [&](int64_t lane, int64_t begin, int64_t end) {
    for (int64_t e = begin; e < end; ++e) step.data<T>(i.operands[0], lane)[e] = static_cast<T>(i.reals[0]);
  });
}
PRIMER_REGISTER("fill", 1, fill<float>, fill<double>, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
