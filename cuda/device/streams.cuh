// The same function of every number of several values that lie number beside number: y[e] = f(x[e], ...). Wide loads where the
// values' starts allow, several of them before the first store, whatever the widths of rows are.
#pragma once

#include "loops.cuh"
#include "vector.cuh"

namespace primer::cuda {

// What is read and what is written; either may be left out, and reads as zero or is not written.
template <class T, int I, int O>
struct Streams {
  Laned<const T> in[I];
  Laned<T> out[O];
};

// Numbers [N v, N v + N) for U vectors v, `step` apart, below `end`.
template <int N, int U, class T, int I, int O, class F>
__device__ __forceinline__ void stream_vectors(const Streams<T, I, O>& s, int32_t lane, int64_t v, int64_t step, int64_t end, F& f) {
  constexpr Part<N> whole{0};
  Vector<T, N> in[U][I];
#pragma unroll
  for (int u = 0; u < U; ++u) {
    const int64_t at = v + u * step < end ? v + u * step : end - 1;  // no branch between loads
#pragma unroll
    for (int i = 0; i < I; ++i) in[u][i] = s.in[i] ? load(s.in[i].of(lane) + at * N, whole) : filled(T(0), whole);
  }
#pragma unroll
  for (int u = 0; u < U; ++u) {
    if (v + u * step >= end) break;
    Vector<T, N> out[O];
#pragma unroll
    for (int e = 0; e < N; ++e) {
      T x[I], y[O];
#pragma unroll
      for (int i = 0; i < I; ++i) x[i] = in[u][i].n[e];
      f((v + u * step) * N + e, x, y);
#pragma unroll
      for (int o = 0; o < O; ++o) out[o].n[e] = y[o];
    }
#pragma unroll
    for (int o = 0; o < O; ++o) {
      if (s.out[o]) store(s.out[o].of(lane) + (v + u * step) * N, whole, out[o]);
    }
  }
}

template <int N, class T, int I, int O, class F>
__global__ void __launch_bounds__(kThreads) streams_kernel(Streams<T, I, O> s, Rows rows, int64_t cols, F f) {
  constexpr int kAtOnce = I < kWide<T> ? kWide<T> / I : 1;
  const int32_t lane = static_cast<int32_t>(blockIdx.y);
  const int64_t count = rows.total() * cols, vectors = count / N;
  auto mine = f.of(lane);
  if (!mine.wanted()) return;
  for (int64_t v = first_number(); v < vectors; v += kAtOnce * number_step()) stream_vectors<N, kAtOnce>(s, lane, v, number_step(), vectors, mine);
  if (vectors * N + first_number() < count) stream_vectors<1, 1>(s, lane, vectors * N + first_number(), 0, count, mine);
}

// f.of(lane) is a function (e, x, y) of the numbers x[0], ... at e, which sets y[0], ...; of a lane where it is not wanted(), nothing is
// written. `copies` of `shape`, a lane each, or one.
template <class T, int I, int O, class F>
void map_lanes(const Launch& launch, int64_t copies, const Operand& shape, const Operand* const (&in)[I], const Operand* const (&out)[O], F f) {
  Streams<T, I, O> s{};
  bool wide = true;
  for (int i = 0; i < I; ++i) {
    if (!in[i]) continue;
    s.in[i] = launch.laned<const T>(*in[i]);
    wide = wide && aligned<T>(launch, {in[i]});
  }
  for (int o = 0; o < O; ++o) {
    s.out[o] = launch.laned<T>(*out[o]);
    wide = wide && aligned<T>(launch, {out[o]});
  }
  const auto kernel = wide ? streams_kernel<kWide<T>, T, I, O, F> : streams_kernel<1, T, I, O, F>;
  const int64_t vectors = ceil_div(launch.most_rows(shape) * shape.cols, wide ? kWide<T> : 1);
  launch(kernel, dim3(blocks_for_numbers(launch, vectors), u32(copies)), kThreads, 0, s, launch.rows(shape), shape.cols, f);
}

// A function of numbers alone, in every lane.
template <class F>
struct Everywhere {
  F f;
  __device__ Everywhere of(int32_t) const { return *this; }
  __device__ bool wanted() const { return true; }
  template <class T>
  __device__ void operator()(int64_t, const T* x, T* y) const { f(x, y); }
};

// f(x, y) sets y[0], ... from x[0], ..., for every number of values of one shape; those with a copy a lane may lie apart.
template <class T, int I, int O, class F>
void map_numbers(const Launch& launch, const Operand& shape, const Operand* const (&in)[I], const Operand* const (&out)[O], F f) {
  map_lanes<T>(launch, shape.axis < 0 && shape.lane_stride ? launch.lanes : 1, shape, in, out, Everywhere<F>{f});
}

}  // namespace primer::cuda
