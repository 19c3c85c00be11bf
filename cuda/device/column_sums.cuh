// Sums of columns over groups of rows, as gradients of biases and scales are (a group a lane) and means of sequences: warps take a
// group's rows in turn, and their sums are added in order. No atomics: the same bits every time. Accumulation: float64, so that columns
// which nearly cancel keep their digits; an addition a number is hidden behind its bytes.
// Few rows: one launch, a warp 32 columns and 32 warps the rows. Many: slices of a group's rows fill the device, in wide parts, and
// leave their sums in the op's scratch, which a second launch adds up.
#pragma once

#include "loops.cuh"
#include "segments.cuh"
#include "vector.cuh"

namespace primer::cuda {

// Group g of `count` has slices [g each, (g + 1) each).
struct Slices {
  int32_t count, each;
  __device__ int32_t groups() const { return count; }
  __device__ int32_t begin(int32_t g) const { return g * each; }
  __device__ int32_t end(int32_t g) const { return (g + 1) * each; }
};

// The rows of every lane.
struct LaneGroups {
  Rows rows;
  __device__ int32_t groups() const { return rows.lanes; }
  __device__ int32_t begin(int32_t g) const { return rows.begin(g); }
  __device__ int32_t end(int32_t g) const { return rows.end(g); }
};

// put(group, slice, which, column, sum) for O sums of each column: source(row, part, v) sets v[0], ... v[O - 1]. A block has 32 parts of N
// columns of one slice of a group, a group's rows in gridDim.z slices.
template <int N, int O, class T, class G, class S, class P>
__global__ void __launch_bounds__(kWarp* kWarp / N) column_sums_kernel(S source, G groups, int32_t cols, P put) {
  constexpr int kAcross = kWarp * N, kDown = kWarp / N, kAtOnce = kWide<T>;
  __shared__ double partial[O][kDown][kAcross];
  const int32_t group = static_cast<int32_t>(blockIdx.y), slice = static_cast<int32_t>(blockIdx.z);
  if (group >= groups.groups()) return;
  const int32_t begin = groups.begin(group), end = groups.end(group), length = (end - begin + static_cast<int32_t>(gridDim.z) - 1) / static_cast<int32_t>(gridDim.z);
  const int64_t from = begin + static_cast<int64_t>(slice) * length, to = from + length < end ? from + length : end;
  const Part<N> part{static_cast<int32_t>(blockIdx.x * kAcross + threadIdx.x * N)};
  double sums[O][N] = {};
  if (part.c < cols) {
    for (int64_t r = from + threadIdx.y; r < to; r += kAtOnce * kDown) {
      Vector<T, N> v[kAtOnce][O];
#pragma unroll
      for (int u = 0; u < kAtOnce; ++u) source(r + u * kDown < to ? r + u * kDown : to - 1, part, v[u]);  // no branch between loads
#pragma unroll
      for (int u = 0; u < kAtOnce; ++u) {
        if (r + u * kDown >= to) break;
#pragma unroll
        for (int o = 0; o < O; ++o) {
#pragma unroll
          for (int e = 0; e < N; ++e) sums[o][e] += static_cast<double>(v[u][o].n[e]);
        }
      }
    }
  }
#pragma unroll
  for (int o = 0; o < O; ++o) {
#pragma unroll
    for (int e = 0; e < N; ++e) partial[o][threadIdx.y][threadIdx.x * N + e] = sums[o][e];
  }
  __syncthreads();
  const int32_t mine = static_cast<int32_t>(threadIdx.y * kWarp + threadIdx.x), col = static_cast<int32_t>(blockIdx.x) * kAcross + mine;
  if (mine >= kAcross || col >= cols) return;
#pragma unroll
  for (int o = 0; o < O; ++o) {
    double sum = 0;
    for (int w = 0; w < kDown; ++w) sum += partial[o][w][mine];
    put(group, slice, o, col, sum);
  }
}

template <int N, int O, class T, class G, class S, class P>
void launch_column_sums(const Launch& launch, S source, G groups, int64_t most_groups, int64_t slices, int64_t cols, P put) {
  launch(column_sums_kernel<N, O, T, G, S, P>, dim3(u32(ceil_div(cols, kWarp * N)), u32(most_groups), u32(slices)), dim3(kWarp, kWarp / N), 0, source,
         groups, static_cast<int32_t>(cols), put);
}

// Where sums go: the operands, those that are there.
template <class T, int O>
struct Results {
  Laned<T> y[O];
  __device__ void operator()(int32_t group, int32_t, int o, int32_t col, double sum) const {
    if (y[o]) y[o].of(group)[col] = static_cast<T>(sum);
  }
};

// [groups][slices][O][cols]
template <int O>
struct Partials {
  double* at;
  int64_t slices, cols;
  __device__ void operator()(int32_t group, int32_t slice, int o, int32_t col, double sum) const {
    at[((group * slices + slice) * O + o) * cols + col] = sum;
  }
  template <int N>
  __device__ void operator()(int64_t row, Part<N> part, Vector<double, N>* v) const {
#pragma unroll
    for (int o = 0; o < O; ++o) v[o] = load(at + (row * O + o) * cols, part);
  }
};

// Slices of each lane's rows: of 128 rows or more, and no more than fill a device.
inline int64_t row_slices(int64_t rows, int64_t cols, int64_t lanes) {
  const int64_t by_rows = rows / lanes / 128, by_blocks = 2048 / (ceil_div(cols, kWarp * kWide<float>) * lanes);
  const int64_t slices = by_rows < by_blocks ? by_rows : by_blocks;
  return slices < 4 ? 1 : slices;
}

// The scratch that column_sums of operand X of an instruction takes, for two sums.
template <int X>
int64_t column_sums_scratch(const Instruction& i, int64_t lanes) {
  const Operand& x = i.operands[X];
  return lanes * row_slices(x.rows, x.cols, lanes) * 2 * x.cols * static_cast<int64_t>(sizeof(double));
}

// y[o][lane][c] = sum over the lane's rows of what source(row, part, v) puts into v[o]; overwrites; those left out are left out.
// `wide`: whether the source may be asked for parts of 16 bytes. The op registers column_sums_scratch.
template <class T, int O, class S>
void column_sums(const Launch& launch, const Operand& x, const Operand* const (&y)[O], bool wide, S source) {
  Results<T, O> results;
  for (int o = 0; o < O; ++o) results.y[o] = launch.laned<T>(*y[o]);
  const LaneGroups groups{launch.rows(x)};
  const int64_t lanes = launch.lanes, cols = x.cols, slices = row_slices(launch.most_rows(x), cols, lanes);
  if (slices == 1) return launch_column_sums<1, O, T>(launch, source, groups, lanes, 1, cols, results);
  const Partials<O> partials{reinterpret_cast<double*>(launch.scratch), slices, cols};
  if (wide) launch_column_sums<kWide<T>, O, T>(launch, source, groups, lanes, slices, cols, partials);
  else launch_column_sums<1, O, T>(launch, source, groups, lanes, slices, cols, partials);
  launch_column_sums<1, O, double>(launch, partials, Slices{static_cast<int32_t>(lanes), static_cast<int32_t>(slices)}, lanes, 1, cols, results);
}

// put(segment, 0, 0, column, sum) for sums over the rows of every segment of what source(row, part, v) puts into v[0]. x: the rows.
template <class T, class S, class P>
void segment_column_sums(const Launch& launch, const Operand& x, const Segments& segments, int64_t most, bool wide, S source, P put) {
  if (wide && launch.most_rows(x) > 128 * most) return launch_column_sums<kWide<T>, 1, T>(launch, source, segments, most, 1, x.cols, put);
  launch_column_sums<1, 1, T>(launch, source, segments, most, 1, x.cols, put);
}

}  // namespace primer::cuda
