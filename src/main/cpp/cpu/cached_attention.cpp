// cached_attention: one step of causal attention for generation, float32. q, k, v [B, d], a new token a row; the caches [C, d].
// Row b's k and v go to the cache row slot[b]; then o[b] = softmax(s q[b] K^T + bias) V over the lane's prefix and the cache rows
// past[pastOffsets[b]..pastOffsets[b + 1]) in order, the last of them slot[b]; biases as in attention.cpp, the query being the
// last position. Java has checked that slots differ and end their rows' lists.
// The floor is reading each row's keys and values once: 8 bytes a column, 370 KB for 60 rows of 768 columns, while their products
// take 4 operations a number. So nothing is copied; kLanes cache rows are read side by side, all heads of a row before the next,
// and rows that share a past (beams of one source lie next to each other) find it in the cache of their thread's core.
// One thread owns a row, or one head of it where there are fewer rows than threads: results do not depend on their number.
#include "cpu/attention_rows.h"
#include "cpu/relative_bias.h"

PRIMER_KERNELS {
namespace {

enum Operands : size_t { kQ, kK, kV, kCacheKeys, kCacheValues, kSlot, kPast, kPastOffsets, kBias, kPrefixKeys, kPrefixValues, kO };

// integers heads, longest list, bidirectional, smallest distances
struct Work {
  const Step& step;
  const Instruction& i;
  int64_t d, heads, width, prefix;
  Buckets buckets;
  float* scores;

  static int64_t prefix_of(const Instruction& i) { return i.operands[kPrefixKeys].space == Space::none ? 0 : i.operands[kPrefixKeys].rows; }
  static int64_t columns_of(const Instruction& i) { return round_up(i.integers[1] + prefix_of(i), kLanes); }

  Work(const Step& st, const Instruction& in)
      : step(st), i(in), d(in.operands[kQ].cols), heads(in.integers[0]), width(d / heads), prefix(prefix_of(in)),
        buckets(Buckets::of(in, 2)), scores(reinterpret_cast<float*>(st.scratch)) {}

  template <class T = float>
  T* data(size_t operand, int64_t lane = 0) const { return step.data<T>(i.operands[operand], lane); }

  void store_new() const {
    const Range rows = share(step, step.rows(i.operands[kQ]));
    const int32_t* slot = data<int32_t>(kSlot);
    for (int64_t b = rows.begin; b < rows.end; ++b) {
      std::memcpy(data(kCacheKeys) + slot[b] * d, data(kK) + b * d, static_cast<size_t>(d) * 4);
      std::memcpy(data(kCacheValues) + slot[b] * d, data(kV) + b * d, static_cast<size_t>(d) * 4);
    }
    barrier();
  }

  // Heads [first, last) of row b.
  void run(int64_t b, int64_t lane, int64_t first, int64_t last) const {
    const int32_t *offsets = data<int32_t>(kPastOffsets) + b, *past = data<int32_t>(kPast) + offsets[0];
    const int64_t n = prefix + offsets[1] - offsets[0], ld = round_up(n, kLanes);
    const auto rows_of = [&](size_t prefix_rows, size_t cache) {
      const float *front = prefix ? data(prefix_rows, lane) : nullptr, *rest = data(cache);
      return [=, this](int64_t j) { return j < prefix ? front + j * d : rest + past[j - prefix] * d; };
    };
    score(b, n, ld, rows_of(kPrefixKeys, kCacheKeys), first, last);
    const auto values = rows_of(kPrefixValues, kCacheValues);
    for (int64_t h = first; h < last; ++h) {
      float sum, *row = scores + h * ld;
      add_bias(h, n - prefix, lane, row + prefix);
      exponentials(row, n, ld, sum);
      mix_rows(row, n, [&](int64_t j) { return values(j) + h * width; }, width, 1.0f / sum, data(kO) + b * d + h * width);
    }
  }

  template <class Row>
  void score(int64_t b, int64_t n, int64_t ld, const Row& row, int64_t first, int64_t last) const {
    const Vector scale = Vector{} + static_cast<float>(i.reals[0]);
    for (int64_t j = 0; j < n; j += kLanes) {
      const float* rows[kLanes];
      gather_rows(row, j, n, rows);
      for (int64_t l = 0; l < kLanes; ++l) rows[l] += first * width;
      for (int64_t h = first; h < last; ++h) {
        *reinterpret_cast<Vector*>(scores + h * ld + j) = scale * products(data(kQ) + b * d + h * width, rows, width);
        for (int64_t l = 0; l < kLanes; ++l) rows[l] += width;
      }
    }
  }

  void add_bias(int64_t h, int64_t n, int64_t lane, float* row) const {
    if (buckets.count == 0) return;
    const float* table = data(kBias, lane) + h;
    buckets.for_each(1 - n, 0, [&](int64_t relative, int64_t bucket) { row[relative + n - 1] += table[bucket * heads]; });
  }
};

int64_t scratch(const Instruction& i, int) { return 4 * i.integers[0] * Work::columns_of(i) + 64; }

void cached_attention(const Step& step, const Instruction& i) {
  const Work work(step, i);
  work.store_new();
  const int64_t rows = step.rows(i.operands[kQ]), parts = rows < step.threads ? work.heads : 1, heads = work.heads / parts;
  const int32_t* lanes = step.lane_offsets(i.operands[kQ].axis);
  const Range mine = share(step, rows * parts);
  for (int64_t n = mine.begin; n < mine.end; ++n) {
    int64_t lane = 0;
    while (lanes[lane + 1] <= n / parts) ++lane;
    work.run(n / parts, lane, n % parts * heads, (n % parts + 1) * heads);
  }
  barrier();
}

PRIMER_REGISTER("cached_attention", 12, cached_attention, nullptr, nullptr, scratch)

}  // namespace
}  // namespace primer::PRIMER_ISA
