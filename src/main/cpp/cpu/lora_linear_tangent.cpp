// Tangents of lora_linear, but for W's: h_t = u_t A^T + u A_t^T, y_t = x_t W^T + b_t + s (h_t B^T + h B_t^T).
// Tangents of lora_linear_backward, but for W's, with dh = s dy B: dh_t = s (dy_t B + dy B_t), dx_t = dy_t W (+ dh_t A + dh A_t when u is x),
//   du_t = dh_t A + dh A_t, dA_t = dh_t^T u + dh^T u_t, dB_t = s (dy_t^T h + dy^T h_t).
// x, u [T, in], W [out, in] shared and prepacked, or plain, A [r, in], B [out, r] one copy a lane. A tangent that is left out is zero.
// All overwrite; each output may be left out, h_t and dh_t when they are zero. Saved: u, h, dh. Accumulation: float32, over rows in
// ascending order.
#include "cpu/row_product.h"
#include "cpu/tangent.h"
#include "cpu/tile_gemm.h"

PRIMER_KERNELS {
namespace {

constexpr int64_t kBlock = 128;  // rows that go through all products while they are in the cache

// A sum of products, the first of which overwrites.
class Sum {
 public:
  explicit Sum(bool started) : started_(started) {}

  void add(TileGemm product) {
    product.accumulate = started_;
    tile_gemm(product);
    started_ = true;
  }

 private:
  bool started_;
};

// operands x_t, u_t, u, W, b_t, A, A_t, B, B_t, h, y_t, h_t; reals s
enum { kXt, kUt, kU, kW, kBiasT, kA, kAt, kB, kBt, kH, kYt, kHt };

bool has_base(const Instruction& i) { return i.operands[kXt].space != Space::none && i.operands[kYt].space != Space::none; }

std::unique_ptr<Prepared> prepare_forward(const Instruction& i, int threads) {
  if (!has_base(i)) return nullptr;
  const WeightShape shape{i.operands[kYt].cols, i.operands[kU].cols, false};
  return std::make_unique<PreparedRows>(shape, i.operands[kW].layout, i.operands[kBiasT].space != Space::none, threads);
}

int64_t tile_bytes(const Instruction& i) { return i.prepared ? round_up(gemm_of(i).tile_bytes(), 64) : 0; }

// The lane's factors, transposed, and their tangents, in the thread's scratch.
struct Factors {
  int64_t in, out, rank, ld_a, ld_b;
  float *a, *a_t, *b, *b_t;

  Factors(const Instruction& i, char* scratch) : in(i.operands[kU].cols), out(i.operands[kB].rows), rank(i.operands[kH].cols) {
    ld_a = round_up(rank, kLanes);
    ld_b = round_up(out, kLanes);
    a = reinterpret_cast<float*>(scratch + tile_bytes(i));
    a_t = a + in * ld_a;
    b = a_t + in * ld_a;
    b_t = b + rank * ld_b;
  }

  static int64_t floats(const Instruction& i) {
    const int64_t rank = i.operands[kH].cols;
    return 2 * (i.operands[kU].cols * round_up(rank, kLanes) + rank * round_up(i.operands[kB].rows, kLanes)) + 2 * kLanes;
  }

  void fill(const Step& step, const Instruction& i, int64_t lane) const {
    transpose(step.data<float>(i.operands[kA], lane), rank, in, in, a, ld_a);
    transpose(step.data<float>(i.operands[kB], lane), out, rank, rank, b, ld_b);
    if (step.present(i.operands[kAt])) transpose(step.data<float>(i.operands[kAt], lane), rank, in, in, a_t, ld_a);
    if (step.present(i.operands[kBt])) transpose(step.data<float>(i.operands[kBt], lane), out, rank, rank, b_t, ld_b);
  }
};

int64_t scratch_forward(const Instruction& i, int) { return tile_bytes(i) + 4 * Factors::floats(i); }

// h_t = u_t A^T + u A_t^T.
void set_kept(const Step& step, const Instruction& i, const Factors& f, int64_t r, int64_t count) {
  const auto& o = i.operands;
  float* h_t = step.data<float>(o[kHt]) + r * f.rank;
  Sum sum(false);
  if (step.present(o[kUt])) {
    sum.add({.m = count, .n = f.rank, .k = f.in, .a = step.data<float>(o[kUt]) + r * f.in, .a_row = f.in, .a_col = 1, .b = f.a, .ldb = f.ld_a,
             .c = h_t, .ldc = f.rank});
  }
  if (step.present(o[kAt])) {
    sum.add({.m = count, .n = f.rank, .k = f.in, .a = step.data<float>(o[kU]) + r * f.in, .a_row = f.in, .a_col = 1, .b = f.a_t, .ldb = f.ld_a,
             .c = h_t, .ldc = f.rank});
  }
}

// y_t = x_t W^T + b_t + s (h_t B^T + h B_t^T).
void set_output(const Step& step, const Instruction& i, const Factors& f, int64_t lane, int64_t r, int64_t count) {
  const auto& o = i.operands;
  float* y_t = step.data<float>(o[kYt]) + r * f.out;
  if (has_base(i)) {
    gemm_of(i).run(step.thread, step.data<float>(o[kXt]) + r * f.in, step.data<float>(o[kW], lane), optional(step, o[kBiasT], lane), y_t, count,
                   step.scratch);
  }
  const float scale = static_cast<float>(i.reals[0]);
  Sum sum(has_base(i));
  if (step.present(o[kHt])) {
    sum.add({.m = count, .n = f.out, .k = f.rank, .a = step.data<float>(o[kHt]) + r * f.rank, .a_row = f.rank, .a_col = 1, .b = f.b, .ldb = f.ld_b,
             .c = y_t, .ldc = f.out, .alpha = scale});
  }
  if (step.present(o[kBt])) {
    sum.add({.m = count, .n = f.out, .k = f.rank, .a = step.data<float>(o[kH]) + r * f.rank, .a_row = f.rank, .a_col = 1, .b = f.b_t, .ldb = f.ld_b,
             .c = y_t, .ldc = f.out, .alpha = scale});
  }
}

void lora_linear_tangent(const Step& step, const Instruction& i) {
  const Factors f(i, step.scratch);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = my_rows(step, lane_rows(step, i.operands[kU], lane));
    if (rows.begin < rows.end) f.fill(step, i, lane);
    for (int64_t r = rows.begin; r < rows.end; r += kBlock) {
      const int64_t count = least(kBlock, rows.end - r);
      if (step.present(i.operands[kHt])) set_kept(step, i, f, r, count);
      if (step.present(i.operands[kYt])) set_output(step, i, f, lane, r, count);
    }
  }
  barrier();
}

// operands dy, u, W, A, B, h, dh, dy_t, u_t, A_t, B_t, h_t, dh_t, dx_t, du_t, dA_t, dB_t; integers shared (u is x); reals s
enum { kDy, kBackU, kBackW, kBackA, kBackB, kBackH, kDh, kDyT, kBackUt, kBackAt, kBackBt, kBackHt, kDhT, kDxT, kDuT, kDaT, kDbT };

bool has_back_base(const Instruction& i) { return i.operands[kDyT].space != Space::none && i.operands[kDxT].space != Space::none; }

std::unique_ptr<Prepared> prepare_backward(const Instruction& i, int threads) {
  if (!has_back_base(i)) return nullptr;
  const WeightShape shape{i.operands[kDy].cols, i.operands[kDxT].cols, true};
  return std::make_unique<PreparedRows>(shape, i.operands[kBackW].layout, false, threads);
}

int64_t scratch_backward(const Instruction& i, int) { return tile_bytes(i); }

// c (+)= dh_t A + dh A_t.
void add_branch(const Step& step, const Instruction& i, int64_t lane, int64_t r, int64_t count, Sum sum, float* c) {
  const auto& o = i.operands;
  const int64_t in = o[kBackA].cols, rank = o[kBackA].rows;
  if (step.present(o[kDhT])) {
    sum.add({.m = count, .n = in, .k = rank, .a = step.data<float>(o[kDhT]) + r * rank, .a_row = rank, .a_col = 1,
             .b = step.data<float>(o[kBackA], lane), .ldb = in, .c = c, .ldc = in});
  }
  if (step.present(o[kBackAt])) {
    sum.add({.m = count, .n = in, .k = rank, .a = step.data<float>(o[kDh]) + r * rank, .a_row = rank, .a_col = 1,
             .b = step.data<float>(o[kBackAt], lane), .ldb = in, .c = c, .ldc = in});
  }
}

// dh_t = s (dy_t B + dy B_t).
void set_inner(const Step& step, const Instruction& i, int64_t lane, int64_t r, int64_t count) {
  const auto& o = i.operands;
  const int64_t out = o[kDy].cols, rank = o[kDhT].cols;
  const float scale = static_cast<float>(i.reals[0]);
  float* dh_t = step.data<float>(o[kDhT]) + r * rank;
  Sum sum(false);
  if (step.present(o[kDyT])) {
    sum.add({.m = count, .n = rank, .k = out, .a = step.data<float>(o[kDyT]) + r * out, .a_row = out, .a_col = 1,
             .b = step.data<float>(o[kBackB], lane), .ldb = rank, .c = dh_t, .ldc = rank, .alpha = scale});
  }
  if (step.present(o[kBackBt])) {
    sum.add({.m = count, .n = rank, .k = out, .a = step.data<float>(o[kDy]) + r * out, .a_row = out, .a_col = 1,
             .b = step.data<float>(o[kBackBt], lane), .ldb = rank, .c = dh_t, .ldc = rank, .alpha = scale});
  }
}

// The row-wise part: dh_t, dx_t, du_t.
void backward_rows(const Step& step, const Instruction& i, int64_t lane) {
  const auto& o = i.operands;
  const int64_t out = o[kDy].cols, in = o[kBackA].cols;
  const Range rows = my_rows(step, lane_rows(step, o[kDy], lane));
  for (int64_t r = rows.begin; r < rows.end; r += kBlock) {
    const int64_t count = least(kBlock, rows.end - r);
    if (step.present(o[kDhT])) set_inner(step, i, lane, r, count);
    if (step.present(o[kDxT])) {
      float* dx_t = step.data<float>(o[kDxT]) + r * in;
      if (has_back_base(i)) {
        gemm_of(i).run(step.thread, step.data<float>(o[kDyT]) + r * out, step.data<float>(o[kBackW], lane), nullptr, dx_t, count, step.scratch);
      }
      if (i.integers[0] != 0) add_branch(step, i, lane, r, count, Sum(has_back_base(i)), dx_t);
    }
    if (step.present(o[kDuT])) add_branch(step, i, lane, r, count, Sum(false), step.data<float>(o[kDuT]) + r * in);
  }
}

// dA_t, of whose columns each thread makes a band.
void set_a(const Step& step, const Instruction& i, int64_t lane, Range rows) {
  const auto& o = i.operands;
  const int64_t count = rows.end - rows.begin, rank = o[kDh].cols, in = o[kBackU].cols;
  const Range band = share(step, in, kLanes);
  float* c = step.data<float>(o[kDaT], lane) + band.begin;
  Sum sum(false);
  if (step.present(o[kDhT])) {
    sum.add({.m = rank, .n = band.end - band.begin, .k = count, .a = step.data<float>(o[kDhT]) + rows.begin * rank, .a_row = 1, .a_col = rank,
             .b = step.data<float>(o[kBackU]) + rows.begin * in + band.begin, .ldb = in, .c = c, .ldc = in});
  }
  if (step.present(o[kBackUt])) {
    sum.add({.m = rank, .n = band.end - band.begin, .k = count, .a = step.data<float>(o[kDh]) + rows.begin * rank, .a_row = 1, .a_col = rank,
             .b = step.data<float>(o[kBackUt]) + rows.begin * in + band.begin, .ldb = in, .c = c, .ldc = in});
  }
}

// dB_t, of whose rows each thread makes a band.
void set_b(const Step& step, const Instruction& i, int64_t lane, Range rows) {
  const auto& o = i.operands;
  const int64_t count = rows.end - rows.begin, rank = o[kBackH].cols, out = o[kDy].cols;
  const Range band = share(step, out, kLanes);
  const float scale = static_cast<float>(i.reals[0]);
  float* c = step.data<float>(o[kDbT], lane) + band.begin * rank;
  Sum sum(false);
  if (step.present(o[kDyT])) {
    sum.add({.m = band.end - band.begin, .n = rank, .k = count, .a = step.data<float>(o[kDyT]) + rows.begin * out + band.begin, .a_row = 1,
             .a_col = out, .b = step.data<float>(o[kBackH]) + rows.begin * rank, .ldb = rank, .c = c, .ldc = rank, .alpha = scale});
  }
  if (step.present(o[kBackHt])) {
    sum.add({.m = band.end - band.begin, .n = rank, .k = count, .a = step.data<float>(o[kDy]) + rows.begin * out + band.begin, .a_row = 1,
             .a_col = out, .b = step.data<float>(o[kBackHt]) + rows.begin * rank, .ldb = rank, .c = c, .ldc = rank, .alpha = scale});
  }
}

void lora_linear_backward_tangent(const Step& step, const Instruction& i) {
  for (int64_t lane = 0; lane < step.lanes; ++lane) backward_rows(step, i, lane);
  barrier();
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, i.operands[kDy], lane);
    if (step.present(i.operands[kDaT])) set_a(step, i, lane, rows);
    if (step.present(i.operands[kDbT])) set_b(step, i, lane, rows);
  }
  barrier();
}

PRIMER_REGISTER("lora_linear_tangent", 12, lora_linear_tangent, nullptr, prepare_forward, scratch_forward)
PRIMER_REGISTER("lora_linear_backward_tangent", 17, lora_linear_backward_tangent, nullptr, prepare_backward, scratch_backward)

}  // namespace
}  // namespace primer::PRIMER_ISA
