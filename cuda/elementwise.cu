// Elementwise primitives, float32 and float64: add, sub, mul, and of one value exp, log, erf, tanh, reciprocal, rsqrt,
// scale (y = c x), add_scalar (y = x + c), step (y = 1 where x > 0, else 0), fill (y = c). All operands have the shape of the result.
// Floor: bytes of all operands once.
#include "device/kernel.h"
#include "device/streams.cuh"

namespace primer::cuda {
namespace {

// Of one value; c is the first of the reals.
#define PRIMER_UNARY(name, expression)                                                          \
  template <class T>                                                                            \
  struct name##_of {                                                                            \
    T c;                                                                                        \
    __device__ T at(T x) const { return expression; }                                           \
    __device__ void operator()(const T* x, T* y) const { y[0] = at(x[0]); }                     \
  };                                                                                            \
  template <class T>                                                                            \
  void name##_launch(const Launch& launch, const Instruction& i) {                              \
    const name##_of<T> f{i.reals.empty() ? T(0) : static_cast<T>(i.reals[0])};                  \
    map_numbers<T, 1, 1>(launch, i.operands[1], {&i.operands[0]}, {&i.operands[1]}, f);         \
  }                                                                                             \
  PRIMER_REGISTER(#name, 2, name##_launch<float>, name##_launch<double>, nullptr)

#define PRIMER_BINARY(name, op)                                                                                  \
  template <class T>                                                                                             \
  struct name##_of {                                                                                             \
    __device__ void operator()(const T* x, T* y) const { y[0] = x[0] op x[1]; }                                  \
  };                                                                                                             \
  template <class T>                                                                                             \
  void name##_launch(const Launch& launch, const Instruction& i) {                                               \
    map_numbers<T, 2, 1>(launch, i.operands[2], {&i.operands[0], &i.operands[1]}, {&i.operands[2]}, name##_of<T>{}); \
  }                                                                                                              \
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
PRIMER_BINARY(add, +)
PRIMER_BINARY(sub, -)
PRIMER_BINARY(mul, *)

template <class T>
struct Constant {
  T c;
  __device__ void operator()(const T*, T* y) const { y[0] = c; }
};

// operands y; reals c
template <class T>
void fill(const Launch& launch, const Instruction& i) {
  map_numbers<T, 1, 1>(launch, i.operands[0], {nullptr}, {&i.operands[0]}, Constant<T>{static_cast<T>(i.reals[0])});
}
PRIMER_REGISTER("fill", 1, fill<float>, fill<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
