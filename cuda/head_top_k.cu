// head_top_k: the k best of log softmax(h_t W^T + b) for each row, best first, of equals the lower id first.
//   h [B, d], W [V, d], b [1, V] or none, shared or one copy a lane; W float32, or frozen and bf16; banned ids
//   int32 [N] and each row's first of them int32 [B + 1], or neither -> logprobs [B, k], tokens int32 [B, k].   Overwrites.
// Banned tokens have the log-probability -infinity: their logit is left out of the softmax when renormalised, else they are taken out
// after it. A row with a NaN has NaN log-probabilities.
// Accumulation: float32 in products and over a thread's words, float64 over slices in a fixed order.
//
// Products: in the program's precision (head_products.cuh), in bf16 of W and h rounded.
// A chunk's logits are cut into slices of 1,024 words, a warp a slice of a row: it holds them in registers, and k times takes out the greatest
// of what is left. A warp a row then merges the slices' sorted lists. Logits and ids are compared as one number: the order is total.
// Floor: 4 V d bytes of W (2 V d of bf16), or 2 B V d FLOP, whichever takes longer.
// Expected on an H200 for BART-base with B = 32 (8 sequences, 4 beams) and k = 8: W as float32 154 MB, 36 us (as bf16 18 us); 2.5 GFLOP, 37 us
// in float32; 1,600 slices take some 8 x 100 cycles each, all at once.
#include "device/kernel.h"
#include "head_products.cuh"

namespace primer::cuda {
namespace {

// operands h, W, b, bans, bans' offsets, logprobs, tokens; integers renormalise
enum { kH, kW, kB, kBans, kOffsets, kLogProbs, kTokens };

constexpr int kOfLane = 32, kSlice = kOfLane * kWarp;  // words
static_assert(kLeastChunk % kSlice == 0);

// A logit and its word as one number: greater is better, of equal logits the lower word; 0 is below all. NaN is the least of logits.
using Candidate = unsigned long long;

__device__ __forceinline__ Candidate candidate(float logit, int64_t word) {
  if (!(logit == logit)) return 1ull << 32 | (0xFFFFFFFFu - static_cast<uint32_t>(word));
  const uint32_t bits = __float_as_uint(logit + 0.0f);  // -0 is 0
  const uint32_t order = bits >> 31 ? ~bits : bits | 0x80000000u;
  return static_cast<Candidate>(order) << 32 | (0xFFFFFFFFu - static_cast<uint32_t>(word));
}

__device__ __forceinline__ int32_t word_of(Candidate c) { return static_cast<int32_t>(0xFFFFFFFFu - static_cast<uint32_t>(c)); }

__device__ __forceinline__ float logit_of(Candidate c) {
  const uint32_t order = static_cast<uint32_t>(c >> 32);
  return order == 1 ? NAN : __uint_as_float(order >> 31 ? order & 0x7FFFFFFFu : ~order);
}

// What slices find: their best in order, 0 behind them, and their maximum and sum of exp(z - maximum).
struct Found {
  Candidate* best;   // [B][slices][k]
  float *top, *sum;  // [B][slices]
  int32_t* taken;    // [B][slices] how many the row has taken of a slice's
  int32_t slices, k;
};

struct Scratch {
  float* logits;  // [B, words]
  Matrix h;       // [B, d] where it is rounded
  Bf16* words;
  Found found;
  int64_t bytes;
  Scratch(Pieces pieces, const Instruction& i, int64_t lanes, Precision precision) {
    const int64_t rows = i.operands[kH].rows, words_of_all = i.operands[kW].rows, slices = ceil_div(words_of_all, kSlice), k = i.operands[kLogProbs].cols;
    logits = pieces.take<float>(rows * chunk_words(words_of_all, rows));
    h = take_matrix(pieces, precision, precision == Precision::bf16 ? rows : 0, i.operands[kW].cols);
    words = take_words(pieces, precision, i.operands[kW], chunk_words(words_of_all, rows), lanes);
    found = {pieces.take<Candidate>(rows * slices * k), pieces.take<float>(rows * slices), pieces.take<float>(rows * slices), pieces.take<int32_t>(rows * slices),
             static_cast<int32_t>(slices), static_cast<int32_t>(k)};
    bytes = pieces.bytes();
  }
};

int64_t scratch_bytes(const Instruction& i, int64_t lanes, Precision precision) { return Scratch(Pieces(nullptr), i, lanes, precision).bytes; }

// The words that a row may not take; `ids` may be null.
struct Bans {
  const int32_t *ids, *offsets;
  bool renormalise;
};

// A lane's words of a slice: every 32nd.
struct Held {
  float logit[kOfLane];
  uint32_t left;  // a bit a word: whether it is there and not taken out

  __device__ __forceinline__ Candidate best(int64_t first) const {
    Candidate best = 0;
#pragma unroll
    for (int n = 0; n < kOfLane; ++n) {
      const Candidate c = candidate(logit[n], first + n * kWarp);
      best = (left >> n & 1) && c > best ? c : best;
    }
    return best;
  }
};

__device__ __forceinline__ void ban(const Bans& bans, int64_t row, int64_t first, Held& held) {
  for (int32_t b = bans.offsets[row]; b < bans.offsets[row + 1]; ++b) {
    const int64_t word = bans.ids[b] - first;
#pragma unroll
    for (int n = 0; n < kOfLane; ++n) held.logit[n] = word == n * kWarp ? -INFINITY : held.logit[n];
  }
}

__device__ __forceinline__ void add_up(const Held& held, const Found& found, int64_t at) {
  float top = kLowest, sum = 0;
#pragma unroll
  for (int n = 0; n < kOfLane; ++n) top = held.logit[n] > top ? held.logit[n] : top;
  top = warp_max(top);
#pragma unroll
  for (int n = 0; n < kOfLane; ++n) sum += (held.left >> n & 1) ? ::expf(held.logit[n] - top) : 0.0f;
  sum = warp_sum(sum);
  if (warp_lane() == 0) {
    found.top[at] = top;
    found.sum[at] = sum;
  }
}

// Takes the greatest out, k times.
__device__ __forceinline__ void choose(Held& held, int64_t first, const Found& found, int64_t at) {
  Candidate mine = held.best(first);
  for (int32_t n = 0; n < found.k; ++n) {
    const Candidate best = warp_max(mine);
    if (warp_lane() == 0) found.best[at * found.k + n] = best;
    if (best == mine && best != 0) {
      held.left &= ~(1u << ((word_of(best) - first) / kWarp));
      mine = held.best(first);
    }
  }
}

__global__ void __launch_bounds__(kThreads) slices_kernel(Rows rows, BiasedLogits logits, Bans bans, Found found) {
  const Chunk chunk = logits.chunk;
  const int64_t slices = (chunk.count + kSlice - 1) / kSlice;
  for (int64_t s = first_number() / kWarp; s < rows.total() * slices; s += number_step() / kWarp) {
    const int64_t row = s / slices, begin = s % slices * kSlice + warp_lane(), first = chunk.first + begin, at = row * found.slices + first / kSlice;
    const int32_t lane = logits.lane_of(rows, row);
    Held held{{}, 0};
#pragma unroll
    for (int n = 0; n < kOfLane; ++n) {
      const bool inside = begin + n * kWarp < chunk.count;
      held.logit[n] = inside ? logits.at(row, lane, static_cast<int32_t>(begin) + n * kWarp) : -INFINITY;
      held.left |= static_cast<uint32_t>(inside) << n;
    }
    if (bans.ids && bans.renormalise) ban(bans, row, first, held);
    add_up(held, found, at);
    if (bans.ids && !bans.renormalise) ban(bans, row, first, held);
    choose(held, first, found, at);
  }
}

// The logarithm of the sum over a row's slices.
__device__ double log_sum_exp(const float* tops, const float* sums, int32_t slices) {
  float top = kLowest;
  for (int32_t s = warp_lane(); s < slices; s += kWarp) top = tops[s] > top ? tops[s] : top;
  top = warp_max(top);
  double sum = 0;
  for (int32_t s = warp_lane(); s < slices; s += kWarp) sum += static_cast<double>(sums[s]) * ::exp(static_cast<double>(tops[s]) - static_cast<double>(top));
  return static_cast<double>(top) + ::log(warp_sum(sum));
}

// A row's lists of candidates, of which a lane of the warp has every 32nd.
struct Lists {
  const Candidate* best;
  int32_t* taken;
  int32_t slices, k;

  __device__ Candidate head(int32_t s) const { return taken[s] < k ? best[static_cast<int64_t>(s) * k + taken[s]] : 0; }
  // The greatest head of the lane's lists, and whose it is.
  __device__ Candidate greatest(int32_t* list) const {
    Candidate top = 0;
    for (int32_t s = warp_lane(); s < slices; s += kWarp) {
      const Candidate c = head(s);
      if (c > top) *list = s;
      top = c > top ? c : top;
    }
    return top;
  }
};

void merge(const Launch& launch, const Instruction& i, const Found& found) {
  const auto& o = i.operands;
  float* logprobs = launch.data<float>(o[kLogProbs]);
  int32_t* tokens = launch.data<int32_t>(o[kTokens]);
  const Found all = found;
  for_rows(launch, o[kH], [=] __device__(int64_t r, int32_t at) {
    const int64_t row = r * all.slices;
    const double lse = log_sum_exp(all.top + row, all.sum + row, all.slices);
    const Lists lists{all.best + row * all.k, all.taken + row, all.slices, all.k};
    for (int32_t s = at; s < all.slices; s += kWarp) lists.taken[s] = 0;
    int32_t list = 0;
    Candidate mine = lists.greatest(&list);
    for (int32_t n = 0; n < all.k; ++n) {
      const Candidate best = warp_max(mine);
      if (best == mine && best != 0) {
        ++lists.taken[list];
        mine = lists.greatest(&list);
      }
      if (at != 0) continue;
      const float logit = logit_of(best);
      logprobs[r * all.k + n] = logit == -INFINITY && lse == lse ? logit : static_cast<float>(static_cast<double>(logit) - lse);
      tokens[r * all.k + n] = word_of(best);
    }
  });
}

void head_top_k(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Scratch scratch(Pieces(launch.scratch), i, launch.lanes, launch.precision);
  const HeadRows rows{launch.rows(o[kH]), launch.most_rows(o[kH])};
  if (rows.most == 0) return;
  const float* h = launch.data<const float>(o[kH]);
  if (in_bf16(launch)) round_rows(launch.stream, h, rows.rows.merged(), rows.most, o[kH].cols, scratch.h.bf16);
  const Factors x = in_bf16(launch) ? Factors(scratch.h) : Factors{h, nullptr, o[kH].cols};
  const Bans bans{launch.data<const int32_t>(o[kBans]), launch.data<const int32_t>(o[kOffsets]), i.integers[0] != 0};
  for_chunks(o[kW].rows, chunk_words(o[kW].rows, o[kH].rows), [&](const Chunk& chunk) {
    chunk_logits(launch, rows, x, words_of(launch, o[kW], chunk, scratch.words), chunk, scratch.logits);
    launch(slices_kernel, blocks_for_numbers(launch, rows.most * ceil_div(chunk.count, kSlice) * kWarp), kThreads, 0, rows.rows,
           BiasedLogits{scratch.logits, launch.laned<const float>(o[kB]), chunk}, bans, scratch.found);
  });
  merge(launch, i, scratch.found);
}

PRIMER_REGISTER("head_top_k", 7, head_top_k, nullptr, scratch_bytes, kDense)

}  // namespace
}  // namespace primer::cuda
