// Elementwise primitives, float32 and float64: add, sub, mul, and of one value exp, log, erf, tanh, reciprocal, rsqrt,
// scale (y = c x), add_scalar (y = x + c), step (y = 1 where x > 0, else 0), fill (y = c). All operands have the shape of the result.
// Floor: bytes of all operands once.
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// Values with a copy a lane are taken a lane at a time: they may lie apart.
int64_t copies(const Launch& launch, const Operand& o) { return o.axis < 0 && o.lane_stride != 0 ? launch.lanes : 1; }

template <class F, class T>
__global__ void map_kernel(F f, Laned<const T> a, Laned<const T> b, Laned<T> y, Rows rows, int32_t cols) {
  const int64_t count = static_cast<int64_t>(rows.total()) * cols;
  const T *left = a ? a.of(blockIdx.y) : nullptr, *right = b ? b.of(blockIdx.y) : nullptr;
  for (int64_t e = first_number(); e < count; e += number_step()) y.of(blockIdx.y)[e] = f(left ? left[e] : T(0), right ? right[e] : T(0));
}

template <class F, class T>
void map(const Launch& launch, F f, const Operand* a, const Operand* b, const Operand& y) {
  const dim3 grid(blocks_for_numbers(launch, launch.most_rows(y) * y.cols), u32(copies(launch, y)));
  launch(map_kernel<F, T>, grid, kThreads, 0, f, a ? launch.laned<const T>(*a) : Laned<const T>{}, b ? launch.laned<const T>(*b) : Laned<const T>{},
         launch.laned<T>(y), launch.rows(y), static_cast<int32_t>(y.cols));
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
    map<name##_of<T>, T>(launch, {i.reals.empty() ? T(0) : static_cast<T>(i.reals[0])}, &i.operands[0], nullptr, i.operands[1]); \
  }                                                                                      \
  PRIMER_REGISTER(#name, 2, name##_launch<float>, name##_launch<double>, nullptr)

#define PRIMER_BINARY(name, expression)                                                  \
  template <class T>                                                                     \
  struct name##_of {                                                                     \
    __device__ T operator()(T a, T b) const { return expression; }                       \
  };                                                                                     \
  template <class T>                                                                     \
  void name##_launch(const Launch& launch, const Instruction& i) {                       \
    map<name##_of<T>, T>(launch, {}, &i.operands[0], &i.operands[1], i.operands[2]);     \
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
  map<Constant<T>, T>(launch, {static_cast<T>(i.reals[0])}, nullptr, nullptr, i.operands[0]);
}
PRIMER_REGISTER("fill", 1, fill<float>, fill<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
