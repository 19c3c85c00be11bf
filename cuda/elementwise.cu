// Elementwise primitives, float32 and float64: add, sub, mul, and of one value exp, log, erf, tanh, reciprocal, rsqrt,
// scale (y = c x), add_scalar (y = x + c), step (y = 1 where x > 0, else 0), fill (y = c). All operands have the shape of the result.
// Floor: bytes of all operands once.
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// y = f(a, b); values with a copy a lane are taken a lane at a time: they may lie apart.
template <class T, class F>
void map(const Launch& launch, F f, const Operand* a, const Operand* b, const Operand& y) {
  const Laned<const T> left = a ? launch.laned<const T>(*a) : Laned<const T>{}, right = b ? launch.laned<const T>(*b) : Laned<const T>{};
  const Laned<T> out = launch.laned<T>(y);
  const auto number = [=] __device__(int32_t lane, int64_t e) {
    out.of(lane)[e] = f(left ? left.of(lane)[e] : T(0), right ? right.of(lane)[e] : T(0));
  };
  if (y.axis < 0) {
    for_copies(launch, y.lane_stride ? launch.lanes : 1, y.rows * y.cols, number);
  } else {
    const int64_t d = y.cols;
    for_numbers(launch, y, [=] __device__(int64_t r, int32_t c) { number(0, r * d + c); });
  }
}

// Of one value; c is the first of the reals.
#define PRIMER_UNARY(name, expression)                                                   \
  template <class T>                                                                     \
  struct name##_of {                                                                     \
    T c;                                                                                 \
    __device__ T operator()(T x, T) const { return expression; }                         \
  };                                                                                     \
  template <class T>                                                                     \
  void name##_launch(const Launch& launch, const Instruction& i) {                       \
    map<T>(launch, name##_of<T>{i.reals.empty() ? T(0) : static_cast<T>(i.reals[0])}, &i.operands[0], nullptr, i.operands[1]); \
  }                                                                                      \
  PRIMER_REGISTER(#name, 2, name##_launch<float>, name##_launch<double>, nullptr)

#define PRIMER_BINARY(name, expression)                                                  \
  template <class T>                                                                     \
  struct name##_of {                                                                     \
    __device__ T operator()(T a, T b) const { return expression; }                       \
  };                                                                                     \
  template <class T>                                                                     \
  void name##_launch(const Launch& launch, const Instruction& i) {                       \
    map<T>(launch, name##_of<T>{}, &i.operands[0], &i.operands[1], i.operands[2]);     \
  }                                                                                      \
  PRIMER_REGISTER(#name, 3, name##_launch<float>, name##_launch<double>, nullptr)

PRIMER_UNARY(exp, ::exp(x))
PRIMER_UNARY(log, ::log(x))
PRIMER_UNARY(erf, ::erf(x))
PRIMER_UNARY(tanh, ::tanh(x))
PRIMER_UNARY(reciprocal, T(1) / x)
PRIMER_UNARY(rsqrt, T(1) / ::sqrt(x))
PRIMER_UNARY(scale, c * x)
PRIMER_UNARY(add_scalar, c + x)
PRIMER_UNARY(step, x > T(0) ? T(1) : T(0))
PRIMER_BINARY(add, a + b)
PRIMER_BINARY(sub, a - b)
PRIMER_BINARY(mul, a * b)

template <class T>
struct Constant {
  T c;
  __device__ T operator()(T, T) const { return c; }
};

// operands y; reals c
template <class T>
void fill(const Launch& launch, const Instruction& i) {
  map<T>(launch, Constant<T>{static_cast<T>(i.reals[0])}, nullptr, nullptr, i.operands[0]);
}
PRIMER_REGISTER("fill", 1, fill<float>, fill<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
