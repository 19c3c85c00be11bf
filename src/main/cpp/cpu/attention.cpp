// attention (Vaswani et al. 2017, eq. 1) on packed sequences of any lengths, each attending to itself only:
//   o = softmax(s q k^T) v per sequence and head, s = 1/sqrt(d_head).
//   q, k, v [T, d], offsets int32 [N + 1] (first row of each sequence) -> o [T, d], lse [T, H] (log of each row's sum).
// No [T, T] matrix is kept: blocks of kQueries rows go through scratch (as in Dao et al. 2022; the keys of one sequence
// and head fit the cache, so they are not tiled). Keys and values are copied there first: their rows lie d apart, which
// would fall on a few sets of the cache. Blocks are as wide as the sequence, rounded up to whole vectors; the columns
// behind its end hold products with zeros and are not read.
// attention_backward: with P = exp(s q k^T - lse), dP = do v^T, dS = s P * (dP - rowsum(P * dP)):
//   dq = dS k, dk = dS^T q, dv = P^T do.   All overwrite. Saved: q, k, v, lse. Accumulation: float32, queries ascending.
// rowsum(P * dP) is rowsum(do * o); taken from the block at hand it does not read o, which would come from memory.
// One thread owns a (sequence, head) pair, so results do not depend on the number of threads.
#include "cpu/functions.h"
#include "cpu/tile_gemm.h"

PRIMER_KERNELS {
namespace {

constexpr int64_t kQueries = 48;

// integers: heads, longest sequence
int64_t heads_of(const Instruction& i) { return i.integers[0]; }
int64_t longest_of(const Instruction& i) { return round_up(i.integers[1], kLanes); }

// sum of a * b over whole vectors.
float dot(const float* a, const float* b, int64_t ld) {
  Vector sums{};
  for (int64_t e = 0; e < ld; e += kLanes) sums += *reinterpret_cast<const Vector*>(a + e) * *reinterpret_cast<const Vector*>(b + e);
  return sum_of(sums);
}

// Softmax of one row of n in place, not yet divided by the sum; returns log(sum) with the maximum added back. The row is
// `ld` wide, whole vectors: what lies behind n becomes 0.
float exponentials(float* row, int64_t n, int64_t ld, float& sum) {
  for (int64_t e = n; e < ld; ++e) row[e] = -INFINITY;
  Vector tops = *reinterpret_cast<const Vector*>(row), sums{};
  for (int64_t e = kLanes; e < ld; e += kLanes) {
    const Vector next = *reinterpret_cast<const Vector*>(row + e);
    tops = next > tops ? next : tops;
  }
  const float top = top_of(tops);
#pragma omp simd
  for (int64_t e = 0; e < ld; ++e) row[e] = exp_fast(row[e] - top);
  for (int64_t e = 0; e < ld; e += kLanes) sums += *reinterpret_cast<const Vector*>(row + e);
  sum = sum_of(sums);
  return top + std::log(sum);
}

// One sequence and head: its rows, and where the head's columns begin.
struct Task {
  int64_t begin, length, column, head;
};

// out [rows, cols] = the columns of a head, in rows that lie d apart.
void copy_head(const float* in, int64_t rows, int64_t cols, int64_t d, float* out) {
  for (int64_t r = 0; r < rows; ++r) std::memcpy(out + r * cols, in + r * d, static_cast<size_t>(cols) * 4);
}

// Operands q, k, v, offsets, o, lse.
struct Forward {
  const float *q, *k, *v;
  float *o, *lse, *k_t, *values, *scores;
  int64_t d, width, heads;

  void run(const Task& t) const {
    const int64_t first = t.begin * d + t.column;
    const int64_t ld = round_up(t.length, kLanes);
    const float scale = 1.0f / std::sqrt(static_cast<float>(width));
    transpose(k + first, t.length, width, d, k_t, ld);
    copy_head(v + first, t.length, width, d, values);
    for (int64_t r = 0; r < t.length; r += kQueries) {
      const int64_t rows = least(kQueries, t.length - r);
      float* out = o + first + r * d;
      tile_gemm({.m = rows, .n = ld, .k = width, .a = q + first + r * d, .a_row = d, .a_col = 1, .b = k_t, .ldb = ld,
                 .c = scores, .ldc = ld, .alpha = scale});
      float inverse[kQueries];
      for (int64_t i = 0; i < rows; ++i) {
        float sum;
        lse[(t.begin + r + i) * heads + t.head] = exponentials(scores + i * ld, t.length, ld, sum);
        inverse[i] = 1.0f / sum;
      }
      tile_gemm({.m = rows, .n = width, .k = t.length, .a = scores, .a_row = ld, .a_col = 1, .b = values, .ldb = width, .c = out, .ldc = d});
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t c = 0; c < width; ++c) out[i * d + c] *= inverse[i];
      }
    }
  }
};

// Operands do, q, k, v, offsets, lse, dq, dk, dv.
struct Backward {
  const float *d_o, *q, *k, *v, *lse;
  float *dq, *dk, *dv, *k_t, *v_t, *keys, *p, *ds;
  int64_t d, width, heads;

  // P and dS of a block of rows.
  void probabilities(const Task& t, int64_t first, int64_t r, int64_t rows, float scale) const {
    const int64_t ld = round_up(t.length, kLanes);
    const float* d_out = d_o + first + r * d;
    tile_gemm({.m = rows, .n = ld, .k = width, .a = q + first + r * d, .a_row = d, .a_col = 1, .b = k_t, .ldb = ld,
               .c = p, .ldc = ld, .alpha = scale});
    tile_gemm({.m = rows, .n = ld, .k = width, .a = d_out, .a_row = d, .a_col = 1, .b = v_t, .ldb = ld, .c = ds, .ldc = ld});
    for (int64_t i = 0; i < rows; ++i) {
      const float row_lse = lse[(t.begin + r + i) * heads + t.head];
      float *p_row = p + i * ld, *ds_row = ds + i * ld;
#pragma omp simd
      for (int64_t j = 0; j < ld; ++j) p_row[j] = exp_fast(p_row[j] - row_lse);
      // Behind the sequence's end dP is 0, so that P counts for nothing there.
      const float mean = dot(p_row, ds_row, ld);
#pragma omp simd
      for (int64_t j = 0; j < ld; ++j) ds_row[j] = scale * p_row[j] * (ds_row[j] - mean);
    }
  }

  void run(const Task& t) const {
    const int64_t first = t.begin * d + t.column;
    const int64_t ld = round_up(t.length, kLanes);
    const float scale = 1.0f / std::sqrt(static_cast<float>(width));
    transpose(k + first, t.length, width, d, k_t, ld);
    copy_head(k + first, t.length, width, d, keys);
    transpose(v + first, t.length, width, d, v_t, ld);
    for (int64_t r = 0; r < t.length; r += kQueries) {
      const int64_t rows = least(kQueries, t.length - r), at = first + r * d;
      probabilities(t, first, r, rows, scale);
      const bool more = r > 0;
      tile_gemm({.m = rows, .n = width, .k = t.length, .a = ds, .a_row = ld, .a_col = 1, .b = keys, .ldb = width, .c = dq + at, .ldc = d});
      tile_gemm({.m = t.length, .n = width, .k = rows, .a = ds, .a_row = 1, .a_col = ld, .b = q + at, .ldb = d, .c = dk + first, .ldc = d, .accumulate = more});
      tile_gemm({.m = t.length, .n = width, .k = rows, .a = p, .a_row = 1, .a_col = ld, .b = d_o + at, .ldb = d, .c = dv + first, .ldc = d, .accumulate = more});
    }
  }
};

template <class Work>
void for_each_head(const Step& step, const Operand& offsets, int64_t heads, int64_t width, const Work& work) {
  const int32_t* first = step.data<int32_t>(offsets);
  const int64_t sequences = step.rows(offsets);
#pragma omp for schedule(dynamic, 1)
  for (int64_t n = 0; n < sequences * heads; ++n) {
    const int64_t sequence = n / heads, head = n % heads;
    work.run(Task{first[sequence], first[sequence + 1] - first[sequence], head * width, head});
  }
}

int64_t scratch_forward(const Instruction& i, int) {
  const int64_t width = i.operands[0].cols / heads_of(i);
  return 4 * ((2 * width + kQueries) * longest_of(i) + 2 * kLanes);
}

void attention(const Step& step, const Instruction& i) {
  const int64_t d = i.operands[0].cols, heads = heads_of(i), width = d / heads, rows = longest_of(i);
  float* scratch = reinterpret_cast<float*>(step.scratch);
  const Forward work{step.data<float>(i.operands[0]), step.data<float>(i.operands[1]), step.data<float>(i.operands[2]),
                     step.data<float>(i.operands[4]), step.data<float>(i.operands[5]), scratch, scratch + width * rows,
                     scratch + 2 * width * rows, d, width, heads};
  for_each_head(step, i.operands[3], heads, width, work);
}

int64_t scratch_backward(const Instruction& i, int) {
  const int64_t width = i.operands[0].cols / heads_of(i);
  return 4 * ((3 * width + 2 * kQueries) * longest_of(i) + 2 * kLanes);
}

void attention_backward(const Step& step, const Instruction& i) {
  const int64_t d = i.operands[0].cols, heads = heads_of(i), width = d / heads, rows = longest_of(i);
  float* scratch = reinterpret_cast<float*>(step.scratch);
  const auto f = [&](size_t operand) { return step.data<float>(i.operands[operand]); };
  const Backward work{f(0), f(1), f(2), f(3), f(5), f(6), f(7), f(8), scratch, scratch + width * rows, scratch + 2 * width * rows,
                      scratch + 3 * width * rows, scratch + (3 * width + kQueries) * rows, d, width, heads};
  for_each_head(step, i.operands[4], heads, width, work);
}

PRIMER_REGISTER("attention", attention, nullptr, nullptr, scratch_forward)
PRIMER_REGISTER("attention_backward", attention_backward, nullptr, nullptr, scratch_backward)

}  // namespace
}  // namespace primer::PRIMER_ISA
