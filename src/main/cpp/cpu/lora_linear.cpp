// lora_linear (Hu et al. 2021, eq. 3): y = x W^T + b + s (u A^T) B^T, h = u A^T kept for the backward pass.
//   x [T, in], u [T, in] (x itself, or x after dropout), W [out, in] shared and prepacked or plain, A [r, in], B [out, r]
//   one copy a lane -> y [T, out], h [T, r].
// lora_linear_backward, with dh = s dy B kept in a temporary [T, r]:
//   dx = dy W (+ dh A when u is x), du = dh A, dA = dh^T u, dB = s dy^T h.   All overwrite; any may be left out.
//   Saved: u, h. Accumulation: float32, over rows in ascending order. No [out, in] gradient is ever formed.
#include "core/gemm.h"
#include "cpu/tile_gemm.h"

PRIMER_KERNELS {
namespace {

constexpr int64_t kRowGrain = 16;
constexpr int64_t kBlock = 128;  // rows that go through both products while they are in the cache

struct PreparedRows : Prepared {
  RowGemm gemm;
  PreparedRows(const WeightShape& shape, bool packed, bool bias, int threads) : gemm(shape, packed, bias, threads) {}
};

const RowGemm& gemm_of(const Instruction& i) { return static_cast<const PreparedRows&>(*i.prepared).gemm; }

// operands x, u, W, b, A, B, y, h; integers packed; reals scale
enum { kX, kU, kW, kBias, kA, kB, kY, kH };

std::unique_ptr<Prepared> prepare_forward(const Instruction& i, int threads) {
  const WeightShape shape{i.operands[kY].cols, i.operands[kX].cols, false};
  return std::make_unique<PreparedRows>(shape, i.integers[0] != 0, i.operands[kBias].space != Space::none, threads);
}

int64_t transposed_floats(int64_t in, int64_t out, int64_t rank) {
  return in * round_up(rank, kLanes) + rank * round_up(out, kLanes) + 2 * kLanes;
}

int64_t scratch_forward(const Instruction& i, int) {
  return round_up(gemm_of(i).tile_bytes(), 64) + 4 * transposed_floats(i.operands[kX].cols, i.operands[kY].cols, i.operands[kH].cols);
}

// This thread's rows of one lane.
Range my_rows(const Step& step, const Operand& x, int64_t lane) {
  const Range rows = lane_rows(step, x, lane);
  const Range mine = share(step, rows.end - rows.begin, kRowGrain);
  return {rows.begin + mine.begin, rows.begin + mine.end};
}

void lora_linear(const Step& step, const Instruction& i) {
  const Operand &x = i.operands[kX], &u = i.operands[kU], &w = i.operands[kW], &bias = i.operands[kBias], &y = i.operands[kY],
                &h = i.operands[kH];
  const int64_t in = x.cols, out = y.cols, rank = h.cols, ld_a = round_up(rank, kLanes), ld_b = round_up(out, kLanes);
  const float scale = static_cast<float>(i.reals[0]);
  float* a_t = reinterpret_cast<float*>(step.scratch + round_up(gemm_of(i).tile_bytes(), 64));
  float* b_t = a_t + in * ld_a;
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = my_rows(step, x, lane);
    if (rows.begin >= rows.end) continue;
    transpose(step.data<float>(i.operands[kA], lane), rank, in, in, a_t, ld_a);
    transpose(step.data<float>(i.operands[kB], lane), out, rank, rank, b_t, ld_b);
    for (int64_t r = rows.begin; r < rows.end; r += kBlock) {
      const int64_t count = least(kBlock, rows.end - r);
      float* y_rows = step.data<float>(y) + r * out;
      float* h_rows = step.data<float>(h) + r * rank;
      gemm_of(i).run(step.thread, step.data<float>(x) + r * in, step.data<float>(w, lane),
                     step.present(bias) ? step.data<float>(bias, lane) : nullptr, y_rows, count, step.scratch);
      tile_gemm({.m = count, .n = rank, .k = in, .a = step.data<float>(u) + r * in, .a_row = in, .a_col = 1, .b = a_t,
                 .ldb = ld_a, .c = h_rows, .ldc = rank});
      tile_gemm({.m = count, .n = out, .k = rank, .a = h_rows, .a_row = rank, .a_col = 1, .b = b_t, .ldb = ld_b,
                 .c = y_rows, .ldc = out, .alpha = scale, .accumulate = true});
    }
  }
  barrier();
}

// operands dy, u, W, A, B, h, dh, dx, du, dA, dB; integers packed, shared (u is x); reals scale
enum { kDy, kBackU, kBackW, kBackA, kBackB, kBackH, kDh, kDx, kDu, kDa, kDb };

std::unique_ptr<Prepared> prepare_backward(const Instruction& i, int threads) {
  if (i.operands[kDx].space == Space::none) return nullptr;
  const WeightShape shape{i.operands[kDy].cols, i.operands[kDx].cols, true};
  return std::make_unique<PreparedRows>(shape, i.integers[0] != 0, false, threads);
}

int64_t scratch_backward(const Instruction& i, int) { return i.prepared ? gemm_of(i).tile_bytes() : 0; }

// The row-wise part: dh, dx, du.
void backward_rows(const Step& step, const Instruction& i, int64_t lane) {
  const Operand &dy = i.operands[kDy], &dh = i.operands[kDh], &dx = i.operands[kDx], &du = i.operands[kDu];
  const int64_t out = dy.cols, rank = dh.cols, in = i.operands[kBackA].cols;
  const float scale = static_cast<float>(i.reals[0]);
  const Range rows = my_rows(step, dy, lane);
  for (int64_t r = rows.begin; r < rows.end; r += kBlock) {
    const int64_t count = least(kBlock, rows.end - r);
    const float* dy_rows = step.data<float>(dy) + r * out;
    float* dh_rows = step.data<float>(dh) + r * rank;
    tile_gemm({.m = count, .n = rank, .k = out, .a = dy_rows, .a_row = out, .a_col = 1,
               .b = step.data<float>(i.operands[kBackB], lane), .ldb = rank, .c = dh_rows, .ldc = rank, .alpha = scale});
    TileGemm branch{.m = count, .n = in, .k = rank, .a = dh_rows, .a_row = rank, .a_col = 1,
                    .b = step.data<float>(i.operands[kBackA], lane), .ldb = in, .c = nullptr, .ldc = in};
    if (step.present(dx)) {
      float* dx_rows = step.data<float>(dx) + r * in;
      gemm_of(i).run(step.thread, dy_rows, step.data<float>(i.operands[kBackW], lane), nullptr, dx_rows, count, step.scratch);
      branch.c = dx_rows;
      branch.accumulate = true;
      if (i.integers[1]) tile_gemm(branch);
    }
    if (step.present(du)) {
      branch.c = step.data<float>(du) + r * in;
      branch.accumulate = false;
      tile_gemm(branch);
    }
  }
}

// The sums over rows; each thread makes a band of columns of dA and of rows of dB.
void backward_factors(const Step& step, const Instruction& i, int64_t lane) {
  const Operand &dy = i.operands[kDy], &u = i.operands[kBackU], &h = i.operands[kBackH], &dh = i.operands[kDh];
  const Range rows = lane_rows(step, dy, lane);
  const int64_t count = rows.end - rows.begin, rank = dh.cols, in = u.cols, out = dy.cols;
  if (step.present(i.operands[kDa])) {
    const Range band = share(step, in, kLanes);
    tile_gemm({.m = rank, .n = band.end - band.begin, .k = count, .a = step.data<float>(dh) + rows.begin * rank, .a_row = 1,
               .a_col = rank, .b = step.data<float>(u) + rows.begin * in + band.begin, .ldb = in,
               .c = step.data<float>(i.operands[kDa], lane) + band.begin, .ldc = in});
  }
  if (step.present(i.operands[kDb])) {
    const Range band = share(step, out, kLanes);
    tile_gemm({.m = band.end - band.begin, .n = rank, .k = count, .a = step.data<float>(dy) + rows.begin * out + band.begin,
               .a_row = 1, .a_col = out, .b = step.data<float>(h) + rows.begin * rank, .ldb = rank,
               .c = step.data<float>(i.operands[kDb], lane) + band.begin * rank, .ldc = rank,
               .alpha = static_cast<float>(i.reals[0])});
  }
}

void lora_linear_backward(const Step& step, const Instruction& i) {
  for (int64_t lane = 0; lane < step.lanes; ++lane) backward_rows(step, i, lane);
  barrier();
  for (int64_t lane = 0; lane < step.lanes; ++lane) backward_factors(step, i, lane);
  barrier();
}

PRIMER_REGISTER("lora_linear", 8, lora_linear, nullptr, prepare_forward, scratch_forward)
PRIMER_REGISTER("lora_linear_backward", 11, lora_linear_backward, nullptr, prepare_backward, scratch_backward)

}  // namespace
}  // namespace primer::PRIMER_ISA
