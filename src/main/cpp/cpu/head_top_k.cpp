// head_top_k: the k best of log softmax(h_t W^T + b) for each row, best first, of equals the lower id first.
//   h [B, d], W [V, d], b [1, V] or none, shared or one copy a lane; W float32, or shared and bf16, h then rounded to it; banned ids
//   int32 [N] and each row's first of them int32 [B + 1], or neither -> logprobs [B, k], tokens int32 [B, k].
// Banned tokens have the log-probability -infinity: their logit is left out of the softmax when renormalised, else they are taken out
// after it. A row with a NaN has NaN log-probabilities.
// Accumulation: float32 within a chunk of words, float64 over chunks in ascending order: the same bits for any thread count.
// Threads share the vocabulary, so that W is read once for up to 128 rows; each keeps the k best of its words.
// Floor: 4 V d bytes of W (2 V d of bf16), or 2 B V d FLOP, whichever takes longer; up to 16 rows cost the same.
#include "core/bf16.h"
#include "cpu/head.h"

PRIMER_KERNELS {
namespace {

// operands h, W, b, bans, bans' offsets, logprobs, tokens; integers renormalise
enum { kH, kW, kB, kBans, kOffsets, kLogProbs, kTokens };

constexpr int64_t kMost = 64;  // of k; HeadTopK.MOST

struct Candidate {
  float logit;
  int32_t id;
};

// The best candidates of one row among one thread's words, in order; ids come in ascending order.
struct Best {
  Candidate* list;
  int64_t count, k;

  void offer(Candidate c) {
    if (count == k && !(c.logit > list[k - 1].logit)) return;
    int64_t place = count < k ? count++ : k - 1;
    for (; place > 0 && c.logit > list[place - 1].logit; --place) list[place] = list[place - 1];
    list[place] = c;
  }
  // A logit must be above this to get in: NaN lets nothing in.
  float bar() const { return list[k - 1].logit; }
};

struct Scratch {
  int32_t* rows;
  float *block, *ht, *logits;
  Candidate* best;     // [rows, k]
  int64_t* counts;     // [rows]
  float *tops, *sums;  // of the first thread, [chunks, rows]: all threads write them
  int64_t bytes;
  Scratch(char* start, int64_t d, int64_t k, int64_t chunks) {
    Pieces pieces(start);
    rows = pieces.take<int32_t>(kHeadRows);
    block = pieces.take<float>(kHeadRows * d);
    ht = pieces.take<float>(kHeadRows * d);
    logits = pieces.take<float>(kHeadWords * kHeadRows);
    best = pieces.take<Candidate>(kHeadRows * k);
    counts = pieces.take<int64_t>(kHeadRows);
    tops = pieces.take<float>(chunks * kHeadRows);
    sums = pieces.take<float>(chunks * kHeadRows);
    bytes = pieces.bytes() - reinterpret_cast<int64_t>(start);
  }
};

int64_t chunks_of(const Instruction& i) { return (i.operands[kW].rows + kHeadWords - 1) / kHeadWords; }

Scratch scratch_of(const Step& step, const Instruction& i, int thread) {
  return Scratch(step.scratch_of(thread), i.operands[kH].cols, i.operands[kLogProbs].cols, chunks_of(i));
}

int64_t scratch_bytes(const Instruction& i, int) {
  return Scratch(nullptr, i.operands[kH].cols, i.operands[kLogProbs].cols, chunks_of(i)).bytes;
}

// Rows [first, first + count) of the batch; ld is count rounded up to a vector.
struct Block {
  int64_t first, count, ld;
};

void ban(const Step& step, const Instruction& i, const Block& block, int64_t word, int64_t words, float* logits) {
  if (!step.present(i.operands[kBans])) return;
  const int32_t *bans = step.data<int32_t>(i.operands[kBans]), *offsets = step.data<int32_t>(i.operands[kOffsets]) + block.first;
  for (int64_t t = 0; t < block.count; ++t) {
    for (int32_t n = offsets[t]; n < offsets[t + 1]; ++n) {
      const int64_t v = bans[n] - word;
      if (v >= 0 && v < words) logits[v * block.ld + t] = -INFINITY;
    }
  }
}

// The chunk's maximum and sum of exp(z - maximum) for each row.
void statistics(const float* logits, int64_t words, int64_t ld, float* top, float* sum) {
  for (int64_t t = 0; t < ld; ++t) {
    top[t] = kLowest;
    sum[t] = 0;
  }
  raise_top(logits, words, ld, top);
  for (int64_t v = 0; v < words; ++v) {
    for_vectors(ld, [=, row = logits + v * ld](int64_t t) { sum[t] += exp_fast(row[t] - top[t]); });
  }
}

// Only rows whose maximum in the chunk (`tops`, bans not counted) gets in are looked through. The first k of a thread's words get in
// unseen, also -infinity and NaN: every list ends with k ids of its own.
void choose(const Block& block, Range words, int64_t word, int64_t count, const float* tops, int64_t k, Scratch& mine) {
  for (int64_t t = 0; t < block.count; ++t) {
    Best best{mine.best + t * k, mine.counts[t], k};
    if (word >= words.begin + k && !(tops[t] > best.bar())) continue;
    for (int64_t v = 0; v < count; ++v) best.offer({mine.logits[v * block.ld + t], static_cast<int32_t>(word + v)});
    mine.counts[t] = best.count;
  }
}

void chunk(const Step& step, const Instruction& i, const Head& head, const Block& block, Range words, int64_t word, Scratch& mine) {
  const int64_t count = least(kHeadWords, words.end - word), at = word / kHeadWords * kHeadRows;
  const Scratch shared = scratch_of(step, i, 0);
  const bool renormalise = i.integers[0] != 0;
  head_logits(head, word, count, mine.ht, block.ld, mine.logits);
  if (renormalise) ban(step, i, block, word, count, mine.logits);
  statistics(mine.logits, count, block.ld, shared.tops + at, shared.sums + at);
  if (!renormalise) ban(step, i, block, word, count, mine.logits);
  choose(block, words, word, count, shared.tops + at, i.operands[kLogProbs].cols, mine);
}

double log_sum_exp(const Scratch& shared, int64_t chunks, int64_t t) {
  double top = static_cast<double>(kLowest), sum = 0;
  for (int64_t c = 0; c < chunks; ++c) {
    const double one = static_cast<double>(shared.tops[c * kHeadRows + t]);
    top = one > top ? one : top;
  }
  for (int64_t c = 0; c < chunks; ++c) {
    sum += static_cast<double>(shared.sums[c * kHeadRows + t]) * std::exp(static_cast<double>(shared.tops[c * kHeadRows + t]) - top);
  }
  return top + std::log(sum);
}

void write(const Step& step, const Instruction& i, int64_t row, const Best& best, double lse) {
  float* logprobs = step.data<float>(i.operands[kLogProbs]) + row * best.k;
  int32_t* tokens = step.data<int32_t>(i.operands[kTokens]) + row * best.k;
  for (int64_t n = 0; n < best.k; ++n) {
    const float logit = best.list[n].logit;
    logprobs[n] = logit == -INFINITY && lse == lse ? logit : static_cast<float>(static_cast<double>(logit) - lse);
    tokens[n] = best.list[n].id;
  }
}

// Later threads have higher ids, so that offering in the threads' order keeps the lower of equals first.
void merge(const Step& step, const Instruction& i, const Block& block) {
  const int64_t k = i.operands[kLogProbs].cols;
  const Range rows = share(step, block.count);
  Candidate list[kMost];
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    Best best{list, 0, k};
    for (int thread = 0; thread < step.threads; ++thread) {
      const Scratch other = scratch_of(step, i, thread);
      for (int64_t n = 0; n < other.counts[t]; ++n) best.offer(other.best[t * k + n]);
    }
    write(step, i, block.first + t, best, log_sum_exp(scratch_of(step, i, 0), chunks_of(i), t));
  }
}

void run_block(const Step& step, const Instruction& i, const Head& head, const Block& block) {
  Scratch mine = scratch_of(step, i, step.thread);
  for (int64_t t = 0; t < block.count; ++t) mine.rows[t] = static_cast<int32_t>(block.first + t);
  gather_block(step.data<float>(i.operands[kH]), mine.rows, block.count, head.d, mine.block, mine.ht, block.ld);
  round_as_head(head, mine.ht, block.ld);
  for (int64_t t = 0; t < kHeadRows; ++t) mine.counts[t] = 0;
  const Range words = share(step, head.words, kHeadWords);
  for (int64_t v = words.begin; v < words.end; v += kHeadWords) chunk(step, i, head, block, words, v, mine);
  barrier();
  merge(step, i, block);
  barrier();
}

std::unique_ptr<Prepared> prepare(const Instruction& i, int) {
  if (i.operands[kW].layout == Layout::rows_bf16) require_bf16();
  return nullptr;
}

void head_top_k(const Step& step, const Instruction& i) {
  const Operand &h = i.operands[kH], &w = i.operands[kW], &b = i.operands[kB];
  const bool one = one_head(step, w, b);
  for (int64_t lane = 0; lane < (one ? 1 : step.lanes); ++lane) {
    const Range rows = one ? Range{0, step.rows(h)} : lane_rows(step, h, lane);
    for (int64_t r = rows.begin; r < rows.end; r += kHeadRows) {
      const int64_t count = least(kHeadRows, rows.end - r);
      run_block(step, i, head_of(step, w, b, lane), {r, count, round_up(count, kLanes)});
    }
  }
}

PRIMER_REGISTER("head_top_k", 7, head_top_k, nullptr, prepare, scratch_bytes)

}  // namespace
}  // namespace primer::PRIMER_ISA
