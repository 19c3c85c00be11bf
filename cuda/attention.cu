// attention (Vaswani et al. 2017, eq. 1) on packed sequences of any lengths, each query attending to its own sequence's keys:
//   o = softmax(s q k^T + b) v per sequence and head; s a given scale, b a bias by relative position or 0.
//   q [Tq, d], k, v [Tk, d], query and key offsets int32 [N + 1] (first row of each sequence), bias [buckets, H], prefix keys and
//   values [P, d] a lane -> o [Tq, d], lse [Tq, H] (log of each row's sum). Bias and prefix may be left out. Overwrites.
// The columns of a sequence's scores are the prefix, then its keys. Every query sees the prefix, which has no bias. Causal: query
// i sees the keys j <= i + (keys - queries); tiles of columns that no query of a block sees are not computed.
// No score leaves the multiprocessor (Dao et al. 2022; Dao 2023, alg. 1): a block has 64 queries of a sequence and head, or in bf16, where sequences
// are long enough and enough of them, 256 (128 of heads wider than 64); keys and values come by tiles of 64 (32 where heads are wider than 64),
// softmax is kept up to a running maximum. Accumulation: float32.
// Blocks find their sequences on the device, so the grid is that of the bucket: at most Tq / 64 + N parts, times H.
// Heads of up to 128 columns; they are padded to 32, 64 or 128. In a program of bf16, q, k, v and the exponentials are rounded to bf16 as factors
// (mma.sync m16n8k16), for every head; in float32 and tf32 the products are FMAs. Softmax and sums are float32 in any case.
// Floor on one H200: bytes, 4 (2 Tq + 2 Tk) d, at 4.3 TB/s; FLOP, 4 d sum(queries keys), at 790 TFLOP/s (bf16) or 67 (float32). Computed, not measured:
//   32 x 512 tokens, d 768: 201 MB 47 us, 25.8 GFLOP 33 us (bf16), 385 us (float32). In bf16 every part of 256 queries reads its keys and values from
//   L2, 201 MB, and its instructions, exponentials foremost, allow 0.62 of 989 TFLOP/s, 42 us: 60 to 75 us expected, as the bytes of q and o are not
//   hidden wholly. In float32 parts of 64 read 805 MB: 580 us, as shared memory keeps up with two thirds of the FMAs.
//   8 x 2048 tokens: the same bytes, 103 GFLOP: 170 to 190 us expected in bf16, 0.55 to 0.6 of the peak.
//   8 x 30 tokens: 2.9 MB, 22 MFLOP, under 1 us; 96 blocks of one tile, so that latency decides: a launch, three dependent reads, a tile: 4 us.
#include "attention_choices.h"
#include "attention_forward_bf16.cuh"
#include "device/kernel.h"
#include "device/shared.cuh"

namespace primer::cuda {
namespace {

using Math = Float32Math;

template <int kWidth>
struct ForwardTiles {
  static constexpr int kColumns = columns_of(kWidth);
  alignas(16) float q[kTile][kWidth + Math::kPad], k[kColumns][kWidth + Math::kPad], v[kColumns][kWidth + Math::kPad];
  Math::Strips<kColumns> strips;
  Diagonals<kColumns> diagonals;
};

// What a thread knows of its two rows' softmax so far.
struct RunningSoftmax {
  float top[2] = {-INFINITY, -INFINITY}, total[2] = {0, 0};

  // Scores become exponentials; sums are brought to the new maximum. Every row sees a column of the first tile, so `high` is finite.
  template <int kColumns, int kWidth>
  __device__ __forceinline__ void add(Sums<kColumns>& scores, Sums<kWidth>& sums) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float high = top[half];
#pragma unroll
      for (int n = 0; n < kColumns / kGroup; ++n) high = ::fmaxf(high, ::fmaxf(scores[n][2 * half], scores[n][2 * half + 1]));
      high = quad_max(high);
      const float factor = Math::exponential(top[half] - high);
      top[half] = high;
      float added = 0;
#pragma unroll
      for (int n = 0; n < kColumns / kGroup; ++n) {
#pragma unroll
        for (int e = 2 * half; e < 2 * half + 2; ++e) added += scores[n][e] = Math::exponential(scores[n][e] - high);
      }
      total[half] = total[half] * factor + added;
#pragma unroll
      for (int n = 0; n < kWidth / kGroup; ++n) {
        sums[n][2 * half] *= factor;
        sums[n][2 * half + 1] *= factor;
      }
    }
  }
};

template <int kWidth>
__global__ void __launch_bounds__(kAttentionThreads, 2) attention_kernel(AttentionShape s, ForwardOperands operands) {
  constexpr int kColumns = columns_of(kWidth);
  auto& tiles = dynamic_shared<ForwardTiles<kWidth>>();
  Part p;
  if (!s.find(s.query_parts(), static_cast<int32_t>(blockIdx.x), p)) return;
  const int32_t head = static_cast<int32_t>(blockIdx.y), rows = p.queries - p.first < kTile ? p.queries - p.first : kTile;
  const int32_t columns = s.visible(p, p.first + rows - 1);
  const bool busy = strip_row() < rows;
  const KeyRows<const float> keys = s.key_rows(operands.k, p, head), values = s.key_rows(operands.v, p, head);
  load_tile<Math, kTile, kWidth>(tiles.q, rows, s, [&](int32_t r) { return s.query_rows(operands.q, p, head, p.first + r); });
  Sums<kWidth> sums = {};
  RunningSoftmax softmax;
  for (int32_t first = 0; first < columns; first += kColumns) {
    if (first > 0) __syncthreads();
    load_tile<Math, kColumns, kWidth>(tiles.k, columns - first, s, [&](int32_t r) { return keys(first + r); });
    load_tile<Math, kColumns, kWidth>(tiles.v, columns - first, s, [&](int32_t r) { return values(first + r); });
    tiles.diagonals.fill(s, p, head, s.relative(p, p.first + kTile - 1, first), 1);
    __syncthreads();
    if (!busy) continue;
    Sums<kColumns> scores;
    Math::products<kWidth, kColumns>(tiles.q, tiles.k, scores);
    finish_scores(s, p, tiles.diagonals, first, scores);
    softmax.add<kColumns, kWidth>(scores, sums);
    Math::mix<kWidth, kColumns>(scores, tiles.strips, tiles.v, sums);
  }
  if (!busy) return;
  float inverse[2];
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const float total = quad_sum(softmax.total[half]);
    inverse[half] = 1.0f / total;
    const int r = row_of(2 * half);
    if (r < rows && warp_lane() % 4 == 0) operands.lse[static_cast<int64_t>(p.first_query + p.first + r) * s.heads + head] = softmax.top[half] + ::logf(total);
  }
  store_strip<kWidth>(sums, inverse, strip_row(), rows, s, [&](int32_t r) { return s.query_rows(operands.o, p, head, p.first + r); });
}

// operands as AttentionOperands, then o, lse
enum Outputs { kO = kAttentionOperands, kLse };

void attention(const Launch& launch, const Instruction& i) {
  if (launch.attention && launch.attention->run(launch, i)) return;
  const Operand* o = i.operands.data();
  AttentionShape s = attention_shape(launch, i, o);
  const ForwardOperands operands{launch.data<const float>(o[kQ]), key_source(launch, o[kK], o[kPrefixKeys]), key_source(launch, o[kV], o[kPrefixValues]),
                                 launch.data<float>(o[kO]), launch.data<float>(o[kLse])};
  if (launch.precision != Precision::bf16) {
    with_width(s.width, [&]<int kWidth>() {
      launch_sharing<ForwardTiles<kWidth>>(launch, attention_kernel<kWidth>, query_grid(launch, s, o), kAttentionThreads, s, operands);
    });
    return;
  }
  with_parts(launch, s, o, [&]<class Parts, int kWidth>() {
    s.part = Parts::kRows;
    launch_sharing<Bf16ForwardTiles<Parts, kWidth>>(launch, attention_bf16_kernel<Parts, kWidth>, query_grid(launch, s, o), Parts::kThreads, s, operands);
  });
}

PRIMER_REGISTER("attention", 10, attention, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
