// Adding rows into a table at given places, from zero, without atomics on numbers: the same bits every time, in one launch.
// A block owns some rows of the table (every n-th, n a power of two: frequent tokens have neighbouring ids) and 32 parts of columns. It goes over all
// places, lists the additions to its own rows in ascending order, sorts the list by row, keeping the order, and then a warp sums up each
// row, or all warps one that many are added to. Every row of the table is written once, as long as its list is not full before.
// A table of up to 4 rows (token types) is a sum over columns instead, one for each of its rows (column_sums.cuh): all blocks share its additions.
// Floor: bytes of the table written once and of the added rows read once.
#pragma once

#include "column_sums.cuh"
#include "loops.cuh"
#include "vector.cuh"

namespace primer::cuda {

// Additions [times begin, times end) for a lane's rows [begin, end).
struct Additions {
  Rows rows;
  int32_t times;
};

constexpr int kScatterWarps = kThreads / kWarp;
constexpr int kListed = 2048;   // additions in a list, and places looked at between two barriers
constexpr int kOwned = 1024;    // most rows of a block
constexpr int kMany = 64;       // additions that a warp takes alone
constexpr int kLooked = kListed / kThreads;

// A block's list: added[0..size) with the owned row of each, and then by row: sorted[start[j]..start[j + 1]).
struct ScatterList {
  int32_t added[kListed], sorted[kListed], start[kOwned + 1], taken[kOwned];
  int16_t row[kListed];
  int32_t counts[kScatterWarps];
  bool many;  // whether some row has more than kMany
};

// Sorts `size` additions to `owned` rows, stably.
__device__ inline void sort_list(ScatterList& list, int32_t size, int32_t owned) {
  const int32_t thread = static_cast<int32_t>(threadIdx.x);
  for (int32_t j = thread; j < owned; j += kThreads) list.taken[j] = 0;
  if (thread == 0) list.many = false;
  __syncthreads();
  for (int32_t k = thread; k < size; k += kThreads) atomicAdd(&list.taken[list.row[k]], 1);
  __syncthreads();
  for (int32_t j = thread; j < owned; j += kThreads) {
    if (list.taken[j] > kMany) list.many = true;
  }
  __syncthreads();
  if (thread < kWarp) {
    int32_t before = 0;
    for (int32_t first = 0; first < owned; first += kWarp) {
      const int32_t j = first + thread, count = j < owned ? list.taken[j] : 0, upto = warp_prefix_sum(count);
      if (j < owned) list.start[j] = list.taken[j] = before + upto - count;
      before += __shfl_sync(kWholeWarp, upto, kWarp - 1);
    }
    if (thread == 0) list.start[owned] = before;
    __syncwarp();
    for (int32_t first = 0; first < size; first += kWarp) {
      const int32_t k = first + thread, row = k < size ? list.row[k] : -1 - thread;
      const unsigned same = __match_any_sync(kWholeWarp, row), earlier = same & ((1u << thread) - 1);
      if (k < size) list.sorted[list.taken[row] + __popc(earlier)] = list.added[k];
      __syncwarp();
      if (k < size && earlier == 0) list.taken[row] += __popc(same);
      __syncwarp();
    }
  }
  __syncthreads();
}

// The sum of what is at places begin, begin + step, ... below end of the list.
template <class T, int N, class S>
__device__ __forceinline__ Vector<T, N> sum_listed(const ScatterList& list, int32_t begin, int32_t step, int32_t end, Part<N> part, S source) {
  constexpr int kAtOnce = 8;
  Vector<T, N> sum = filled(T(0), part);
  for (int32_t k = begin; k < end; k += kAtOnce * step) {
    Vector<T, N> v[kAtOnce];
#pragma unroll
    for (int u = 0; u < kAtOnce; ++u) v[u] = source(static_cast<int64_t>(list.sorted[k + u * step < end ? k + u * step : end - 1]), part);
#pragma unroll
    for (int u = 0; u < kAtOnce; ++u) {
      if (k + u * step < end) sum = sum + v[u];
    }
  }
  return sum;
}

template <int N, class T, class P, class S>
class ScatterBlock {
 public:
  __device__ ScatterBlock(ScatterList& list, Vector<T, N> (*partial)[kWarp], T* table, int32_t rows, int32_t cols, P place,
                          S source)
      : list_(list), partial_(partial), table_(table), cols_(cols), place_(place), source_(source) {
    owners_ = static_cast<int32_t>(gridDim.y);
    owner_ = static_cast<int32_t>(blockIdx.y);
    shift_ = __popc(gridDim.y - 1);
    owned_ = rows > owner_ ? ((rows - owner_ - 1) >> shift_) + 1 : 0;
    part_ = {static_cast<int32_t>(blockIdx.x * kWarp + warp_lane()) * N};
  }

  __device__ void add(int64_t begin, int64_t end) {
    for (int64_t q = begin; q < end; q += kListed) look(q, end);
    if (size_ > 0 || !written_) flush();
  }

 private:
  __device__ int32_t warp() const { return static_cast<int32_t>(threadIdx.x) / kWarp; }

  // Lists those of the next kListed additions that are the block's; a warp has neighbouring ones.
  __device__ void look(int64_t first, int64_t end) {
    const int64_t mine = first + warp() * (kLooked * kWarp) + warp_lane();
    int32_t to[kLooked];
    unsigned votes[kLooked];
    int32_t count = 0, before = size_;
#pragma unroll
    for (int u = 0; u < kLooked; ++u) to[u] = mine + u * kWarp < end ? static_cast<int32_t>(place_(mine + u * kWarp)) : -1;
#pragma unroll
    for (int u = 0; u < kLooked; ++u) {
      votes[u] = __ballot_sync(kWholeWarp, to[u] >= 0 && (to[u] & (owners_ - 1)) == owner_);
      count += __popc(votes[u]);
    }
    if (warp_lane() == 0) list_.counts[warp()] = count;
    __syncthreads();
    int32_t found = 0;
    for (int w = 0; w < kScatterWarps; ++w) {
      if (w < warp()) before += list_.counts[w];
      found += list_.counts[w];
    }
    if (size_ + found > kListed) {
      before -= size_;
      flush();
    }
#pragma unroll
    for (int u = 0; u < kLooked; ++u) {
      const int32_t at = before + __popc(votes[u] & ((1u << warp_lane()) - 1));
      if (votes[u] >> warp_lane() & 1) {
        list_.added[at] = static_cast<int32_t>(mine + u * kWarp);
        list_.row[at] = static_cast<int16_t>(to[u] >> shift_);
      }
      before += __popc(votes[u]);
    }
    size_ += found;
    __syncthreads();
  }

  // Adds up what is listed, on zero the first time, and begins a new list.
  __device__ void flush() {
    sort_list(list_, size_, owned_);
    for (int32_t j = warp(); j < owned_; j += kScatterWarps) {
      const int32_t begin = list_.start[j], end = list_.start[j + 1];
      if (part_.c < cols_ && end - begin <= kMany && (end > begin || !written_)) put(j, sum_listed<T>(list_, begin, 1, end, part_, source_));
    }
    for (int32_t j = 0; list_.many && j < owned_; ++j) {
      const int32_t begin = list_.start[j], end = list_.start[j + 1];
      if (end - begin <= kMany) continue;
      if (part_.c < cols_) partial_[warp()][warp_lane()] = sum_listed<T>(list_, begin + warp(), kScatterWarps, end, part_, source_);
      __syncthreads();
      if (warp() == 0 && part_.c < cols_) {
        Vector<T, N> sum = partial_[0][warp_lane()];
        for (int w = 1; w < kScatterWarps; ++w) sum = sum + partial_[w][warp_lane()];
        put(j, sum);
      }
      __syncthreads();
    }
    written_ = true;
    size_ = 0;
    __syncthreads();
  }

  __device__ void put(int32_t j, const Vector<T, N>& sum) {
    T* row = table_ + (static_cast<int64_t>(j) * owners_ + owner_) * cols_;
    store(row, part_, written_ ? load<T, N>(row, part_) + sum : sum);
  }

  ScatterList& list_;
  Vector<T, N> (*partial_)[kWarp];
  T* table_;
  int32_t cols_, owners_, owner_, shift_, owned_, size_ = 0;
  bool written_ = false;
  Part<N> part_;
  P place_;
  S source_;
};

template <int N, class T, class P, class S>
__global__ void __launch_bounds__(kThreads, 2) scatter_kernel(Additions additions, bool laned, Laned<T> table, Rows kept, int32_t cols, P place, S source) {
  __shared__ ScatterList list;
  __shared__ Vector<T, N> partial[kScatterWarps][kWarp];
  const int32_t lane = static_cast<int32_t>(blockIdx.z);
  const Rows rows = additions.rows;
  const int64_t begin = laned ? rows.begin(lane) : 0, end = laned ? rows.end(lane) : rows.total();
  ScatterBlock<N, T, P, S>(list, partial, table.of(lane), kept.total(), cols, place, source).add(additions.times * begin, additions.times * end);
}

inline bool has_copies(const Operand& table) { return table.axis < 0 && table.lane_stride != 0; }

template <int N, class T, class P, class S>
void launch_scatter(const Launch& launch, Additions additions, const Operand& table, P place, S source) {
  const bool laned = has_copies(table);
  const int64_t copies = laned ? launch.lanes : 1, rows = launch.most_rows(table), across = ceil_div(table.cols, kWarp * N);
  int64_t owners = 1;
  while (owners < rows && (owners * kOwned < rows || owners * across * copies * kThreads < int64_t{kDeviceThreads} * launch.processors)) owners *= 2;
  launch(scatter_kernel<N, T, P, S>, dim3(u32(across), u32(owners), u32(copies)), kThreads, 0, additions, laned, launch.laned<T>(table),
         launch.rows(table), static_cast<int32_t>(table.cols), place, source);
}

// table[place(q)] += source(q, part) for every addition with place(q) >= 0; a table without copies gets those of all lanes.
// `wide`: whether parts may be of 16 bytes; a small table takes narrower ones, so that more blocks share it.
template <class T, class P, class S>
void scatter(const Launch& launch, Additions additions, const Operand& table, bool wide, P place, S source) {
  const bool small = launch.most_rows(table) * ceil_div(table.cols, kWarp * kWide<T>) < launch.processors;
  if (wide && !small) launch_scatter<kWide<T>, T>(launch, additions, table, place, source);
  else launch_scatter<1, T>(launch, additions, table, place, source);
}

constexpr int64_t kFewRows = 4;
inline bool has_few_rows(const Operand& table) { return table.axis < 0 && table.rows <= kFewRows; }

// Scratch of scatter_added of rows like x.
inline int64_t scatter_scratch(const Operand& x, const Operand& table, int64_t lanes) {
  const int64_t groups = has_copies(table) ? lanes : 1;
  return has_few_rows(table) ? groups * row_slices(x.rows, x.cols, groups) * kFewRows * x.cols * static_cast<int64_t>(sizeof(double)) : 0;
}

// As scatter_added for a table of R rows or fewer.
template <int R, class T, class P>
void scatter_few(const Launch& launch, const Operand& x, const Operand& table, P place) {
  const T* in = launch.data<const T>(x);
  const Laned<T> to = launch.laned<T>(table);
  const int64_t cols = x.cols, held = table.rows;
  const Rows rows = has_copies(table) ? launch.rows(x) : launch.rows(x).merged();
  const int64_t slices = row_slices(launch.most_rows(x), cols, rows.lanes);
  const auto source = [=] __device__(int64_t r, auto part, auto* v) {
    const int64_t at = place(r);
    const auto row = load(in + r * cols, part);
#pragma unroll
    for (int j = 0; j < R; ++j) v[j] = at == j ? row : filled(T(0), part);
  };
  const auto put = [=] __device__(int32_t lane, int32_t, int j, int32_t c, double sum) {
    if (j < held) to.of(lane)[j * cols + c] = static_cast<T>(sum);
  };
  if (slices == 1) return launch_column_sums<1, R, T>(launch, source, LaneGroups{rows}, rows.lanes, 1, cols, put);
  const Partials<R> partials{reinterpret_cast<double*>(launch.scratch), slices, cols};
  if (rows_aligned<T>(launch, {&x})) launch_column_sums<kWide<T>, R, T>(launch, source, LaneGroups{rows}, rows.lanes, slices, cols, partials);
  else launch_column_sums<1, R, T>(launch, source, LaneGroups{rows}, rows.lanes, slices, cols, partials);
  launch_column_sums<1, R, double>(launch, partials, Slices{rows.lanes, static_cast<int32_t>(slices)}, rows.lanes, 1, cols, put);
}

// table[place(r)] += x[r] likewise. The op registers scatter_scratch.
template <class T, class P>
void scatter_added(const Launch& launch, const Operand& x, const Operand& table, P place) {
  if (has_few_rows(table)) return table.rows <= 2 ? scatter_few<2, T>(launch, x, table, place) : scatter_few<kFewRows, T>(launch, x, table, place);
  const T* in = launch.data<const T>(x);
  const int64_t d = x.cols;
  scatter<T>(launch, {launch.rows(x), 1}, table, rows_aligned<T>(launch, {&x, &table}), place,
             [=] __device__(int64_t r, auto part) { return load(in + r * d, part); });
}

}  // namespace primer::cuda
