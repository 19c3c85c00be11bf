// lora_linear (Hu et al. 2021, eq. 3): y = x W^T + b + s (u A^T) B^T, h = u A^T kept for the backward pass.
//   x [T, in], u [T, in] (x itself, or x after dropout), W [out, in] shared and prepacked (as float32 or bf16) or plain, A [r, in],
//   B [out, r] one copy a lane -> y [T, out], h [T, r].
// lora_linear_backward, with dh = s dy B kept in a temporary [T, r]:
//   dx = dy W (+ dh A when u is x), du = dh A, dA = dh^T u, dB = s dy^T h.   All overwrite; any may be left out.
//   Saved: u, h. Accumulation: float32, over rows in ascending order. No [out, in] gradient is ever formed.
#include "cpu/row_product.h"
#include "cpu/tile_gemm.h"

PRIMER_KERNELS {
namespace {

constexpr int64_t kBlock = 128;  // rows that go through both products while they are in the cache

// operands x, u, W, b, A, B, y, h; reals scale
enum { kX, kU, kW, kBias, kA, kB, kY, kH };

std::unique_ptr<Prepared> prepare_forward(const Instruction& i, int threads) {
  const WeightShape shape{i.operands[kY].cols, i.operands[kX].cols, false};
  return std::make_unique<PreparedRows>(shape, i.operands[kW].layout, i.operands[kBias].space != Space::none, threads, i.operands[kX].rows);
}

int64_t factor_floats(int64_t in, int64_t out, int64_t rank) {
  return in * round_up(rank, kLanes) + rank * round_up(out, kLanes) + RowGemm::kFewRows * rank + 2 * kLanes;
}

int64_t scratch_forward(const Instruction& i, int) {
  return round_up(gemm_of(i).tile_bytes(), 64) + 4 * factor_floats(i.operands[kX].cols, i.operands[kY].cols, i.operands[kH].cols);
}

// Where a thread keeps A^T, B^T and, for few rows, an h of its own.
struct Factors {
  int64_t in, out, rank, ld_a, ld_b;
  float *a_t, *b_t, *h;
  Factors(const Step& step, const Instruction& i)
      : in(i.operands[kX].cols), out(i.operands[kY].cols), rank(i.operands[kH].cols), ld_a(round_up(rank, kLanes)), ld_b(round_up(out, kLanes)) {
    a_t = reinterpret_cast<float*>(step.scratch + round_up(gemm_of(i).tile_bytes(), 64));
    b_t = a_t + in * ld_a;
    h = b_t + rank * ld_b + kLanes;
  }
};

const float* bias_of(const Step& step, const Instruction& i, int64_t lane) {
  return step.present(i.operands[kBias]) ? step.data<float>(i.operands[kBias], lane) : nullptr;
}

void transpose_a(const Step& step, const Instruction& i, int64_t lane, const Factors& f) {
  transpose(step.data<float>(i.operands[kA], lane), f.rank, f.in, f.in, f.a_t, f.ld_a);
}

void many_rows(const Step& step, const Instruction& i, int64_t lane) {
  const Factors f(step, i);
  const Range rows = my_rows(step, lane_rows(step, i.operands[kX], lane));
  if (rows.begin >= rows.end) return;
  transpose_a(step, i, lane, f);
  transpose(step.data<float>(i.operands[kB], lane), f.out, f.rank, f.rank, f.b_t, f.ld_b);
  for (int64_t r = rows.begin; r < rows.end; r += kBlock) {
    const int64_t count = least(kBlock, rows.end - r);
    float* y = step.data<float>(i.operands[kY]) + r * f.out;
    float* h = step.data<float>(i.operands[kH]) + r * f.rank;
    gemm_of(i).run(step.thread, step.data<float>(i.operands[kX]) + r * f.in, step.data<float>(i.operands[kW], lane), bias_of(step, i, lane), y,
                   count, step.scratch);
    tile_gemm({.m = count, .n = f.rank, .k = f.in, .a = step.data<float>(i.operands[kU]) + r * f.in, .a_row = f.in, .a_col = 1, .b = f.a_t,
               .ldb = f.ld_a, .c = h, .ldc = f.rank});
    tile_gemm({.m = count, .n = f.out, .k = f.rank, .a = h, .a_row = f.rank, .a_col = 1, .b = f.b_t, .ldb = f.ld_b, .c = y, .ldc = f.out,
               .alpha = static_cast<float>(i.reals[0]), .accumulate = true});
  }
}

// This thread makes some columns of all rows, and all of h for itself, which is cheaper than to wait for the others' parts.
void few_rows(const Step& step, const Instruction& i, int64_t lane, Range rows) {
  const Factors f(step, i);
  const Columns mine = gemm_of(i).columns(step.thread);
  const int64_t count = rows.end - rows.begin, ld_b = round_up(mine.count, kLanes);
  float* y = step.data<float>(i.operands[kY]) + rows.begin * f.out;
  gemm_of(i).run_columns(step.thread, step.data<float>(i.operands[kX]) + rows.begin * f.in, step.data<float>(i.operands[kW], lane),
                         bias_of(step, i, lane), y, count, step.scratch);
  transpose_a(step, i, lane, f);
  transpose(step.data<float>(i.operands[kB], lane) + mine.first * f.rank, mine.count, f.rank, f.rank, f.b_t, ld_b);
  tile_gemm({.m = count, .n = f.rank, .k = f.in, .a = step.data<float>(i.operands[kU]) + rows.begin * f.in, .a_row = f.in, .a_col = 1,
             .b = f.a_t, .ldb = f.ld_a, .c = f.h, .ldc = f.rank});
  if (step.thread == 0) {
    std::memcpy(step.data<float>(i.operands[kH]) + rows.begin * f.rank, f.h, static_cast<size_t>(count * f.rank) * 4);
  }
  tile_gemm({.m = count, .n = mine.count, .k = f.rank, .a = f.h, .a_row = f.rank, .a_col = 1, .b = f.b_t, .ldb = ld_b, .c = y + mine.first,
             .ldc = f.out, .alpha = static_cast<float>(i.reals[0]), .accumulate = true});
}

void lora_linear(const Step& step, const Instruction& i) {
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, i.operands[kX], lane);
    if (gemm_of(i).by_columns(rows.end - rows.begin)) {
      few_rows(step, i, lane, rows);
    } else {
      many_rows(step, i, lane);
    }
  }
  barrier();
}

// operands dy, u, W, A, B, h, dh, dx, du, dA, dB; integers shared (u is x); reals scale
enum { kDy, kBackU, kBackW, kBackA, kBackB, kBackH, kDh, kDx, kDu, kDa, kDb };

std::unique_ptr<Prepared> prepare_backward(const Instruction& i, int threads) {
  if (i.operands[kDx].space == Space::none) return nullptr;
  const WeightShape shape{i.operands[kDy].cols, i.operands[kDx].cols, true};
  return std::make_unique<PreparedRows>(shape, i.operands[kBackW].layout, false, threads);
}

int64_t scratch_backward(const Instruction& i, int) { return i.prepared ? gemm_of(i).tile_bytes() : 0; }

// The row-wise part: dh, dx, du.
void backward_rows(const Step& step, const Instruction& i, int64_t lane) {
  const Operand &dy = i.operands[kDy], &dh = i.operands[kDh], &dx = i.operands[kDx], &du = i.operands[kDu];
  const int64_t out = dy.cols, rank = dh.cols, in = i.operands[kBackA].cols;
  const float scale = static_cast<float>(i.reals[0]);
  const Range rows = my_rows(step, lane_rows(step, dy, lane));
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
      if (i.integers[0]) tile_gemm(branch);
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
