// Neighbouring numbers that a thread takes together: a load or store of 16 bytes where they fill one.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <initializer_list>
#include <utility>

#include "launch.h"

namespace primer::cuda {

template <class T, int N>
struct alignas(N * sizeof(T)) Vector {
  T n[N];
};

// Columns [c, c + N) of a row.
template <int N>
struct Part {
  static constexpr int width = N;
  int32_t c;
};

// The part at c, or the row's last: loads without a branch between them are all on their way at once; who stores looks whether c is there.
template <int N>
__device__ __forceinline__ Part<N> below(int32_t c, int32_t end) { return {c < end ? c : end - N}; }

constexpr int64_t kWideBytes = 16;
template <class T>
constexpr int kWide = kWideBytes / sizeof(T);

// Whether every copy of these operands begins where a wide load may; those left out do.
template <class T>
bool aligned(const Launch& launch, std::initializer_list<const Operand*> operands) {
  for (const Operand* o : operands) {
    if (reinterpret_cast<uintptr_t>(launch.data<const T>(*o)) % kWideBytes || (launch.present(*o) && o->lane_stride % kWideBytes)) return false;
  }
  return true;
}

// As aligned, of every row too.
template <class T>
bool rows_aligned(const Launch& launch, std::initializer_list<const Operand*> operands) {
  for (const Operand* o : operands) {
    if (launch.present(*o) && o->cols % kWide<T>) return false;
  }
  return aligned<T>(launch, operands);
}

// What CUDA loads and stores at once.
__device__ __forceinline__ float4 packed(const Vector<float, 4>& v) { return make_float4(v.n[0], v.n[1], v.n[2], v.n[3]); }
__device__ __forceinline__ double2 packed(const Vector<double, 2>& v) { return make_double2(v.n[0], v.n[1]); }
template <class T>
__device__ __forceinline__ T packed(const Vector<T, 1>& v) { return v.n[0]; }
__device__ __forceinline__ Vector<float, 4> unpacked(float4 v) { return {v.x, v.y, v.z, v.w}; }
__device__ __forceinline__ Vector<double, 2> unpacked(double2 v) { return {v.x, v.y}; }
template <class T>
__device__ __forceinline__ Vector<T, 1> unpacked(T v) { return {v}; }

template <class T, int N>
__device__ __forceinline__ Vector<T, N> load(const T* row, Part<N> part) {
  using Packed = decltype(packed(std::declval<Vector<T, N>>()));
  return unpacked(*reinterpret_cast<const Packed*>(row + part.c));
}

// What no thread of the kernel writes: may be loaded at any time, ahead of stores too.
template <class T, int N>
__device__ __forceinline__ Vector<T, N> load_fixed(const T* row, Part<N> part) {
  using Packed = decltype(packed(std::declval<Vector<T, N>>()));
  return unpacked(__ldg(reinterpret_cast<const Packed*>(row + part.c)));
}

// One instruction: an assignment of a float4 is one that the compiler may split.
__device__ __forceinline__ void store_packed(float4* at, float4 v) {
#ifdef __CUDA_ARCH__
  asm volatile("st.global.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(__cvta_generic_to_global(at)), "f"(v.x), "f"(v.y), "f"(v.z), "f"(v.w) : "memory");
#else
  *at = v;
#endif
}
__device__ __forceinline__ void store_packed(double2* at, double2 v) {
#ifdef __CUDA_ARCH__
  asm volatile("st.global.v2.f64 [%0], {%1, %2};" ::"l"(__cvta_generic_to_global(at)), "d"(v.x), "d"(v.y) : "memory");
#else
  *at = v;
#endif
}
template <class T>
__device__ __forceinline__ void store_packed(T* at, T v) { *at = v; }

template <class T, int N>
__device__ __forceinline__ void store(T* row, Part<N> part, const Vector<T, N>& v) {
  store_packed(reinterpret_cast<decltype(packed(v))*>(row + part.c), packed(v));
}

template <class T, int N>
__device__ __forceinline__ Vector<T, N> filled(T value, Part<N>) {
  Vector<T, N> v;
#pragma unroll
  for (int e = 0; e < N; ++e) v.n[e] = value;
  return v;
}

// What is left out is zero.
template <class T, int N>
__device__ __forceinline__ Vector<T, N> load_or_zero(const T* row, Part<N> part) { return row ? load(row, part) : filled(T(0), part); }

#define PRIMER_VECTOR_OPERATOR(op)                                                                         \
  template <class T, int N>                                                                                \
  __device__ __forceinline__ Vector<T, N> operator op(Vector<T, N> a, const Vector<T, N>& b) {             \
    _Pragma("unroll") for (int e = 0; e < N; ++e) a.n[e] = a.n[e] op b.n[e];                               \
    return a;                                                                                              \
  }                                                                                                        \
  template <class T, int N>                                                                                \
  __device__ __forceinline__ Vector<T, N> operator op(Vector<T, N> a, T b) {                               \
    _Pragma("unroll") for (int e = 0; e < N; ++e) a.n[e] = a.n[e] op b;                                    \
    return a;                                                                                              \
  }
PRIMER_VECTOR_OPERATOR(+)
PRIMER_VECTOR_OPERATOR(-)
PRIMER_VECTOR_OPERATOR(*)
PRIMER_VECTOR_OPERATOR(/)
#undef PRIMER_VECTOR_OPERATOR

// The sum of its numbers.
template <class T, int N>
__device__ __forceinline__ T total(const Vector<T, N>& v) {
  T sum = v.n[0];
#pragma unroll
  for (int e = 1; e < N; ++e) sum += v.n[e];
  return sum;
}

// The greater number at each place; b's where they do not compare.
template <class T, int N>
__device__ __forceinline__ Vector<T, N> greater(Vector<T, N> a, const Vector<T, N>& b) {
#pragma unroll
  for (int e = 0; e < N; ++e) a.n[e] = a.n[e] > b.n[e] ? a.n[e] : b.n[e];
  return a;
}

template <class T, int N>
__device__ __forceinline__ T greatest(const Vector<T, N>& v) {
  T top = v.n[0];
#pragma unroll
  for (int e = 1; e < N; ++e) top = v.n[e] > top ? v.n[e] : top;
  return top;
}

}  // namespace primer::cuda
