// adapter (Houlsby et al. 2019, fig. 2): y = x + gelu(x D^T + b_D) U^T + b_U, z = x D^T + b_D and a = gelu(z) kept.
//   x [T, d], D [b, d], U [d, b], b_D [1, b], b_U [1, d] one copy a lane -> y [T, d], z [T, b], a [T, b].
// adapter_backward, with dz = (dy U) gelu'(z) kept in a temporary [T, b]:
//   dx = dy + dz D, dD = dz^T x, db_D = sum dz, dU = dy^T a, db_U = sum dy.   All overwrite; dx may be left out.
//   Saved: x, z, a. Accumulation: float32, over rows in ascending order.
#include "cpu/functions.h"
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

// operands x, D, b_D, U, b_U, y, z, a
enum { kX, kD, kDownBias, kU, kUpBias, kY, kZ, kA };

int64_t scratch_forward(const Instruction& i, int) {
  const int64_t d = i.operands[kX].cols, b = i.operands[kZ].cols;
  return 4 * (d * round_up(b, kLanes) + b * round_up(d, kLanes) + 2 * kLanes);
}

void set_rows(const float* row, float* out, int64_t rows, int64_t cols) {
  for (int64_t r = 0; r < rows; ++r) std::memcpy(out + r * cols, row, static_cast<size_t>(cols) * 4);
}

void adapter(const Step& step, const Instruction& i) {
  const int64_t d = i.operands[kX].cols, b = i.operands[kZ].cols, ld_d = round_up(b, kLanes), ld_u = round_up(d, kLanes);
  float* down_t = reinterpret_cast<float*>(step.scratch);
  float* up_t = down_t + d * ld_d;
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = my_rows(step, i.operands[kX], lane);
    if (rows.begin >= rows.end) continue;
    transpose(step.data<float>(i.operands[kD], lane), b, d, d, down_t, ld_d);
    transpose(step.data<float>(i.operands[kU], lane), d, b, b, up_t, ld_u);
    for (int64_t r = rows.begin; r < rows.end; r += kBlock) {
      const int64_t count = least(kBlock, rows.end - r);
      const float* x = step.data<float>(i.operands[kX]) + r * d;
      float* y = step.data<float>(i.operands[kY]) + r * d;
      float* z = step.data<float>(i.operands[kZ]) + r * b;
      float* a = step.data<float>(i.operands[kA]) + r * b;
      set_rows(step.data<float>(i.operands[kDownBias], lane), z, count, b);
      tile_gemm({.m = count, .n = b, .k = d, .a = x, .a_row = d, .a_col = 1, .b = down_t, .ldb = ld_d, .c = z, .ldc = b, .accumulate = true});
#pragma omp simd
      for (int64_t e = 0; e < count * b; ++e) a[e] = gelu_fast(z[e]);
      const float* up_bias = step.data<float>(i.operands[kUpBias], lane);
      for (int64_t row = 0; row < count; ++row) {
        for (int64_t c = 0; c < d; ++c) y[row * d + c] = x[row * d + c] + up_bias[c];
      }
      tile_gemm({.m = count, .n = d, .k = b, .a = a, .a_row = b, .a_col = 1, .b = up_t, .ldb = ld_u, .c = y, .ldc = d, .accumulate = true});
    }
  }
  barrier();
}

// operands dy, x, D, U, z, a, dz, dx, dD, db_D, dU, db_U
enum { kDy, kBackX, kBackD, kBackU, kBackZ, kBackA, kDz, kDx, kDD, kDDownBias, kDU, kDUpBias };

void backward_rows(const Step& step, const Instruction& i, int64_t lane) {
  const Operand &dy = i.operands[kDy], &dz = i.operands[kDz], &dx = i.operands[kDx];
  const int64_t d = dy.cols, b = dz.cols;
  const Range rows = my_rows(step, dy, lane);
  for (int64_t r = rows.begin; r < rows.end; r += kBlock) {
    const int64_t count = least(kBlock, rows.end - r);
    const float* dy_rows = step.data<float>(dy) + r * d;
    const float* z = step.data<float>(i.operands[kBackZ]) + r * b;
    float* dz_rows = step.data<float>(dz) + r * b;
    tile_gemm({.m = count, .n = b, .k = d, .a = dy_rows, .a_row = d, .a_col = 1, .b = step.data<float>(i.operands[kBackU], lane),
               .ldb = b, .c = dz_rows, .ldc = b});
#pragma omp simd
    for (int64_t e = 0; e < count * b; ++e) dz_rows[e] *= gelu_slope(z[e]);
    if (!step.present(dx)) continue;
    float* dx_rows = step.data<float>(dx) + r * d;
    std::memcpy(dx_rows, dy_rows, static_cast<size_t>(count * d) * 4);
    tile_gemm({.m = count, .n = d, .k = b, .a = dz_rows, .a_row = b, .a_col = 1, .b = step.data<float>(i.operands[kBackD], lane),
               .ldb = d, .c = dx_rows, .ldc = d, .accumulate = true});
  }
}

void sum_rows(const float* x, Range rows, int64_t cols, Range band, float* out) {
  for (int64_t c = band.begin; c < band.end; ++c) out[c] = 0;
  for (int64_t r = rows.begin; r < rows.end; ++r) {
#pragma omp simd
    for (int64_t c = band.begin; c < band.end; ++c) out[c] += x[r * cols + c];
  }
}

// The sums over rows; each thread makes a band of d.
void backward_weights(const Step& step, const Instruction& i, int64_t lane) {
  const Operand &dy = i.operands[kDy], &dz = i.operands[kDz];
  const Range rows = lane_rows(step, dy, lane);
  const int64_t d = dy.cols, b = dz.cols, count = rows.end - rows.begin;
  const Range band = share(step, d, kLanes);
  const float* dy_rows = step.data<float>(dy) + rows.begin * d;
  tile_gemm({.m = b, .n = band.end - band.begin, .k = count, .a = step.data<float>(dz) + rows.begin * b, .a_row = 1, .a_col = b,
             .b = step.data<float>(i.operands[kBackX]) + rows.begin * d + band.begin, .ldb = d,
             .c = step.data<float>(i.operands[kDD], lane) + band.begin, .ldc = d});
  tile_gemm({.m = band.end - band.begin, .n = b, .k = count, .a = dy_rows + band.begin, .a_row = 1, .a_col = d,
             .b = step.data<float>(i.operands[kBackA]) + rows.begin * b, .ldb = b,
             .c = step.data<float>(i.operands[kDU], lane) + band.begin * b, .ldc = b});
  sum_rows(step.data<float>(dy), rows, d, band, step.data<float>(i.operands[kDUpBias], lane));
  if (step.thread == 0) sum_rows(step.data<float>(dz), rows, b, {0, b}, step.data<float>(i.operands[kDDownBias], lane));
}

void adapter_backward(const Step& step, const Instruction& i) {
  for (int64_t lane = 0; lane < step.lanes; ++lane) backward_rows(step, i, lane);
  barrier();
  for (int64_t lane = 0; lane < step.lanes; ++lane) backward_weights(step, i, lane);
  barrier();
}

PRIMER_REGISTER("adapter", 8, adapter, nullptr, nullptr, scratch_forward)
PRIMER_REGISTER("adapter_backward", 12, adapter_backward, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
