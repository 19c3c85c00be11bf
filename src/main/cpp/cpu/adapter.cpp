// adapter (Houlsby et al. 2019, fig. 2; He et al. 2022, table 1): y = h + s (act(x D^T + b_D) U^T + b_U), z = x D^T + b_D and
// a = act(z) kept. In sequence x is h.
//   h [T, d], x [T, e], D [b, e], U [d, b], b_D [1, b], b_U [1, d] one copy a lane -> y [T, d], z [T, b], a [T, b].
// adapter_backward, with dz = s (dy U) act'(z) kept in a temporary [T, b]:
//   dx = dz D (+ dy when x is h), dD = dz^T x, db_D = sum dz, dU = s dy^T a, db_U = s sum dy.   All overwrite; dx may be left out.
//   Saved: x, z, a. Accumulation: float32, over rows in ascending order.
// Floor: 2 T b (e + d) FLOP forward and twice that backward; bytes of the rows once.
#include "cpu/activation.h"
#include "cpu/tile_gemm.h"

PRIMER_KERNELS {
namespace {

constexpr int64_t kRowGrain = 6;
constexpr int64_t kBlock = 96;

Range my_rows(const Step& step, const Operand& x, int64_t lane) {
  const Range rows = lane_rows(step, x, lane);
  const Range mine = share(step, rows.end - rows.begin, kRowGrain);
  return {rows.begin + mine.begin, rows.begin + mine.end};
}

// operands h, x, D, b_D, U, b_U, y, z, a; integers activation; reals s
enum { kH, kX, kD, kDownBias, kU, kUpBias, kY, kZ, kA };

int64_t scratch_forward(const Instruction& i, int) {
  const int64_t e = i.operands[kX].cols, d = i.operands[kH].cols, b = i.operands[kZ].cols;
  return 4 * (e * round_up(b, kLanes) + b * round_up(d, kLanes) + 2 * kLanes);
}

void set_rows(const float* row, float* out, int64_t rows, int64_t cols) {
  for (int64_t r = 0; r < rows; ++r) std::memcpy(out + r * cols, row, static_cast<size_t>(cols) * 4);
}

// y = h + s b_U.
void add_bias(const float* h, const float* bias, float scale, float* y, int64_t rows, int64_t d) {
  for (int64_t r = 0; r < rows; ++r) {
#pragma omp simd
    for (int64_t c = 0; c < d; ++c) y[r * d + c] = h[r * d + c] + scale * bias[c];
  }
}

void adapter(const Step& step, const Instruction& i) {
  const int64_t e = i.operands[kX].cols, d = i.operands[kH].cols, b = i.operands[kZ].cols;
  const int64_t ld_d = round_up(b, kLanes), ld_u = round_up(d, kLanes);
  const float scale = static_cast<float>(i.reals[0]);
  float* down_t = reinterpret_cast<float*>(step.scratch);
  float* up_t = down_t + e * ld_d;
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = my_rows(step, i.operands[kX], lane);
    if (rows.begin >= rows.end) continue;
    transpose(step.data<float>(i.operands[kD], lane), b, e, e, down_t, ld_d);
    transpose(step.data<float>(i.operands[kU], lane), d, b, b, up_t, ld_u);
    for (int64_t r = rows.begin; r < rows.end; r += kBlock) {
      const int64_t count = least(kBlock, rows.end - r);
      float* y = step.data<float>(i.operands[kY]) + r * d;
      float* z = step.data<float>(i.operands[kZ]) + r * b;
      float* a = step.data<float>(i.operands[kA]) + r * b;
      set_rows(step.data<float>(i.operands[kDownBias], lane), z, count, b);
      tile_gemm({.m = count, .n = b, .k = e, .a = step.data<float>(i.operands[kX]) + r * e, .a_row = e, .a_col = 1, .b = down_t,
                 .ldb = ld_d, .c = z, .ldc = b, .accumulate = true});
      activate(i.integers[0], z, a, count * b);
      add_bias(step.data<float>(i.operands[kH]) + r * d, step.data<float>(i.operands[kUpBias], lane), scale, y, count, d);
      tile_gemm({.m = count, .n = d, .k = b, .a = a, .a_row = b, .a_col = 1, .b = up_t, .ldb = ld_u, .c = y, .ldc = d, .alpha = scale,
                 .accumulate = true});
    }
  }
  barrier();
}

// operands dy, x, D, U, z, a, dz, dx, dD, db_D, dU, db_U; integers activation, sequential (x is h); reals s
enum { kDy, kBackX, kBackD, kBackU, kBackZ, kBackA, kDz, kDx, kDD, kDDownBias, kDU, kDUpBias };

void backward_rows(const Step& step, const Instruction& i, int64_t lane) {
  const Operand &dy = i.operands[kDy], &dz = i.operands[kDz], &dx = i.operands[kDx];
  const int64_t d = dy.cols, b = dz.cols, e = i.operands[kBackX].cols;
  const bool sequential = i.integers[1] != 0;
  const Range rows = my_rows(step, dy, lane);
  for (int64_t r = rows.begin; r < rows.end; r += kBlock) {
    const int64_t count = least(kBlock, rows.end - r);
    const float* dy_rows = step.data<float>(dy) + r * d;
    float* dz_rows = step.data<float>(dz) + r * b;
    tile_gemm({.m = count, .n = b, .k = d, .a = dy_rows, .a_row = d, .a_col = 1, .b = step.data<float>(i.operands[kBackU], lane),
               .ldb = b, .c = dz_rows, .ldc = b, .alpha = static_cast<float>(i.reals[0])});
    multiply_slope(i.integers[0], step.data<float>(i.operands[kBackZ]) + r * b, dz_rows, count * b);
    if (!step.present(dx)) continue;
    float* dx_rows = step.data<float>(dx) + r * e;
    if (sequential) std::memcpy(dx_rows, dy_rows, static_cast<size_t>(count * d) * 4);
    tile_gemm({.m = count, .n = e, .k = b, .a = dz_rows, .a_row = b, .a_col = 1, .b = step.data<float>(i.operands[kBackD], lane),
               .ldb = e, .c = dx_rows, .ldc = e, .accumulate = sequential});
  }
}

void sum_rows(const float* x, Range rows, int64_t cols, Range band, float scale, float* out) {
  for (int64_t c = band.begin; c < band.end; ++c) out[c] = 0;
  for (int64_t r = rows.begin; r < rows.end; ++r) {
#pragma omp simd
    for (int64_t c = band.begin; c < band.end; ++c) out[c] += scale * x[r * cols + c];
  }
}

// The sums over rows; each thread makes a band of e and one of d.
void backward_weights(const Step& step, const Instruction& i, int64_t lane) {
  const Operand &dy = i.operands[kDy], &dz = i.operands[kDz], &x = i.operands[kBackX];
  const Range rows = lane_rows(step, dy, lane);
  const int64_t d = dy.cols, b = dz.cols, e = x.cols, count = rows.end - rows.begin;
  const float scale = static_cast<float>(i.reals[0]);
  const Range down = share(step, e, kLanes), up = share(step, d, kLanes);
  tile_gemm({.m = b, .n = down.end - down.begin, .k = count, .a = step.data<float>(dz) + rows.begin * b, .a_row = 1, .a_col = b,
             .b = step.data<float>(x) + rows.begin * e + down.begin, .ldb = e, .c = step.data<float>(i.operands[kDD], lane) + down.begin,
             .ldc = e});
  tile_gemm({.m = up.end - up.begin, .n = b, .k = count, .a = step.data<float>(dy) + rows.begin * d + up.begin, .a_row = 1, .a_col = d,
             .b = step.data<float>(i.operands[kBackA]) + rows.begin * b, .ldb = b,
             .c = step.data<float>(i.operands[kDU], lane) + up.begin * b, .ldc = b, .alpha = scale});
  sum_rows(step.data<float>(dy), rows, d, up, scale, step.data<float>(i.operands[kDUpBias], lane));
  if (step.thread == 0) sum_rows(step.data<float>(dz), rows, b, {0, b}, 1.0f, step.data<float>(i.operands[kDDownBias], lane));
}

void adapter_backward(const Step& step, const Instruction& i) {
  for (int64_t lane = 0; lane < step.lanes; ++lane) backward_rows(step, i, lane);
  barrier();
  for (int64_t lane = 0; lane < step.lanes; ++lane) backward_weights(step, i, lane);
  barrier();
}

PRIMER_REGISTER("adapter", 9, adapter, nullptr, nullptr, scratch_forward)
PRIMER_REGISTER("adapter_backward", 12, adapter_backward, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
