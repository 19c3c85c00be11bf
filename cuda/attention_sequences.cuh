// What attention's kernels know of an instruction, and how a block finds its rows: a part of one sequence.
#pragma once

#include "device/loops.cuh"
#include "relative_bias.cuh"

namespace primer::cuda {

// Rows of a part, where a kernel does not say otherwise.
constexpr int kTile = 64;

// A block's part of a sequence: its queries or columns from `first` on, as many as a part has.
struct Part {
  int32_t sequence, lane, first;
  int32_t first_query, queries, first_key, keys;
};

// Sequences cut into parts, without a table: those of sequence n have the slots from first row(n) / part + n on. No two sequences
// meet there, as r rows from row f on make at most (f + r) / part - f / part + 1 parts. `before` rows precede each sequence's own.
struct Cut {
  const int32_t* offsets;
  int32_t before, part;

  __device__ int32_t slot(int32_t n) const { return (offsets[n] + n * before) / part + n; }
  __device__ int32_t rows(int32_t n) const { return offsets[n + 1] - offsets[n] + before; }

  // The last of `count` sequences whose slots do not begin behind this one: 32 candidates at a time, by all threads of a warp.
  __device__ int32_t sequence_of(int32_t wanted, int32_t count) const {
    int32_t low = 0;
    while (count > 1) {
      const int32_t step = (count + kWarp - 1) / kWarp, at = warp_lane() * step;
      const unsigned votes = __ballot_sync(kWholeWarp, at < count && slot(low + at) <= wanted);
      const int32_t passed = (__popc(votes) - 1) * step;
      low += passed;
      count = count - passed < step ? count - passed : step;
    }
    return low;
  }

  static int64_t slots(int64_t rows, int64_t sequences, int64_t before, int64_t part) { return (rows + sequences * before) / part + sequences; }
};

// Row j >= 0 of rows that lie d apart, by one multiplication of 32-bit numbers, whose product has 64.
__device__ __forceinline__ const float* nth_row(const float* first, int32_t j, int64_t d) {
  const uint32_t bytes = static_cast<uint32_t>(d) * static_cast<uint32_t>(sizeof(float));
  return reinterpret_cast<const float*>(reinterpret_cast<const char*>(first) + uint64_t{static_cast<uint32_t>(j)} * bytes);
}

// Rows of keys or values: a prefix, then the sequence's own. They lie d apart.
template <class T>
struct KeyRows {
  T *prefix, *own;
  int32_t prefix_rows;
  int64_t d;

  // Null where these rows are left out.
  __device__ T* operator()(int32_t j) const {
    return j < prefix_rows ? prefix ? prefix + j * d : nullptr : own ? own + (j - prefix_rows) * d : nullptr;
  }
  // Without a branch, of rows that are there.
  __device__ T* row(int32_t j) const { return nth_row(j < prefix_rows ? prefix : own - prefix_rows * d, j, d); }
};

// Where the parts of a key-like operand lie: own rows along the keys' axis, prefix rows a lane.
template <class T>
struct KeySource {
  T* own;
  Laned<T> prefix;
};

struct AttentionShape {
  int32_t heads, width, prefix, part;  // part: rows of a block's
  int64_t d;
  float scale;
  bool causal, vectors;  // vectors: rows may be read and written 4 numbers at a time
  Rows sequences;
  const int32_t *query_offsets, *key_offsets;
  Buckets buckets;
  Laned<const float> bias;

  // Columns that query i of a sequence sees: the prefix, and its own keys.
  __device__ int32_t visible(const Part& p, int32_t i) const { return prefix + (causal ? p.keys - p.queries + i + 1 : p.keys); }
  // Relative position of column j to query i.
  __device__ int32_t relative(const Part& p, int32_t i, int32_t j) const { return j - prefix - (i + p.keys - p.queries); }

  __device__ Cut query_parts() const { return {query_offsets, 0, part}; }
  __device__ Cut column_parts() const { return {key_offsets, prefix, part}; }

  // False where a slot has no part.
  __device__ bool find(const Cut& cut, int32_t slot, Part& p) const {
    const int32_t count = sequences.total();
    if (count == 0) return false;
    const int32_t n = cut.sequence_of(slot, count);
    p.first = (slot - cut.slot(n)) * cut.part;
    if (p.first < 0 || p.first >= cut.rows(n)) return false;
    p.sequence = n;
    p.lane = sequences.lane_of(n);
    p.first_query = query_offsets[n];
    p.queries = query_offsets[n + 1] - p.first_query;
    p.first_key = key_offsets[n];
    p.keys = key_offsets[n + 1] - p.first_key;
    return true;
  }

  template <class T>
  __device__ KeyRows<T> key_rows(const KeySource<T>& of, const Part& p, int32_t head) const {
    const int64_t column = static_cast<int64_t>(head) * width;
    return {of.prefix ? of.prefix.of(p.lane) + column : nullptr, of.own ? of.own + p.first_key * d + column : nullptr, prefix, d};
  }
  // A head's columns of rows along the queries' axis, from query i of the sequence on.
  template <class T>
  __device__ T* query_rows(T* of, const Part& p, int32_t head, int32_t i) const {
    return of + static_cast<int64_t>(p.first_query + i) * d + static_cast<int64_t>(head) * width;
  }
};

// An instruction's operands that forward and backward share, in this order, from operand `q` on.
enum AttentionOperands { kQ, kK, kV, kQueryOffsets, kKeyOffsets, kBias, kPrefixKeys, kPrefixValues, kAttentionOperands };

inline bool vectors_fit(const Launch& launch, const Instruction& i) {
  const int64_t width = i.operands[0].cols / i.integers[0];
  for (const Operand& o : i.operands) {
    if (launch.present(o) && o.cols == i.operands[0].cols && (reinterpret_cast<uintptr_t>(launch.data<char>(o)) | o.lane_stride) % 16 != 0) return false;
  }
  return width % 4 == 0;
}

// integers heads, causal, longest queries, longest keys, bidirectional, smallest distances; reals scale
inline AttentionShape attention_shape(const Launch& launch, const Instruction& i, const Operand* from_q) {
  const int64_t heads = i.integers[0], d = from_q[kQ].cols;
  AttentionShape s{};
  s.heads = static_cast<int32_t>(heads);
  s.width = static_cast<int32_t>(d / heads);
  s.prefix = launch.present(from_q[kPrefixKeys]) ? static_cast<int32_t>(from_q[kPrefixKeys].rows) : 0;
  s.part = kTile;
  s.d = d;
  s.scale = static_cast<float>(i.reals[0]);
  s.causal = i.integers[1] != 0;
  s.vectors = vectors_fit(launch, i);
  s.sequences = launch.rows(from_q[kQueryOffsets]);
  s.query_offsets = launch.data<const int32_t>(from_q[kQueryOffsets]);
  s.key_offsets = launch.data<const int32_t>(from_q[kKeyOffsets]);
  s.buckets = buckets_of(launch, i, 4);
  s.bias = launch.laned<const float>(from_q[kBias]);
  return s;
}

// The parts that there may be, times heads: the grid of a kernel that goes by queries, and of one that goes by columns.
inline dim3 query_grid(const Launch& launch, const AttentionShape& s, const Operand* from_q) {
  return dim3(u32(Cut::slots(launch.most_rows(from_q[kQ]), launch.most_rows(from_q[kQueryOffsets]), 0, s.part)), u32(s.heads));
}
inline dim3 column_grid(const Launch& launch, const AttentionShape& s, const Operand* from_q) {
  return dim3(u32(Cut::slots(launch.most_rows(from_q[kK]), launch.most_rows(from_q[kQueryOffsets]), s.prefix, s.part)), u32(s.heads));
}

inline KeySource<const float> key_source(const Launch& launch, const Operand& own, const Operand& prefix) {
  return {launch.data<const float>(own), launch.laned<const float>(prefix)};
}

}  // namespace primer::cuda
