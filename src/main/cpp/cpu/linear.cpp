// linear: z = x W^T + b, a = act(z).
//   x [T, in], W [out, in] (shared and prepacked, as float32 or bf16, or plain, shared or one copy a lane), b [1, out] -> a [T, out], z [T, out].
// linear_backward_input: dx = dz W.             Overwrites.
// linear_backward_weight: dW = dz^T x, per lane, or over the rows of all lanes where dW is shared. Overwrites. Saved: x.
//   Accumulation: float32, over rows in ascending blocks.
// linear_backward_weight_tangent: dW_t = dz_t^T x + dz^T x_t, likewise.
// Without an activation z is left out and a = x W^T + b.
#include <stdexcept>

#include "cpu/activation.h"
#include "cpu/row_product.h"
#include "cpu/tile_gemm.h"

PRIMER_KERNELS {
namespace {

bool shared(const Operand& o) { return o.lane_stride == 0; }

// The rows of every lane; of all lanes at once when they share weight and bias.
template <class F>
void for_parts(const Step& step, const Operand& x, bool one_part, F&& f) {
  for (int64_t lane = 0; lane < (one_part ? 1 : step.lanes); ++lane) {
    const Range rows = one_part ? Range{0, step.rows(x)} : lane_rows(step, x, lane);
    if (rows.begin < rows.end) f(lane, rows);
  }
}

// integers: activation
enum { kX, kW, kB, kA, kZ };

std::unique_ptr<Prepared> prepare_linear(const Instruction& i, int threads) {
  const WeightShape shape{i.operands[kA].cols, i.operands[kX].cols, false};
  return std::make_unique<PreparedRows>(shape, i.operands[kW].layout, i.operands[kB].space != Space::none, threads, i.operands[kX].rows);
}

int64_t scratch_rows(const Instruction& i, int) { return gemm_of(i).tile_bytes(); }

// Few rows: this thread makes some columns of all of them.
void few_rows(const Step& step, const Instruction& i, const RowGemm& gemm, int64_t lane, Range rows) {
  const Operand &x = i.operands[kX], &b = i.operands[kB], &a = i.operands[kA], &z = i.operands[kZ];
  const bool active = i.integers[0] != 0;
  float* out = step.data<float>(active ? z : a) + rows.begin * a.cols;
  gemm.run_columns(step.thread, step.data<float>(x) + rows.begin * x.cols, step.data<float>(i.operands[kW], lane),
                   step.present(b) ? step.data<float>(b, lane) : nullptr, out, rows.end - rows.begin, step.scratch);
  const Columns mine = gemm.columns(step.thread);
  for (int64_t r = rows.begin; r < rows.end && active; ++r) {
    const int64_t at = r * a.cols + mine.first;
    activate(i.integers[0], step.data<float>(z) + at, step.data<float>(a) + at, mine.count);
  }
}

void many_rows(const Step& step, const Instruction& i, const RowGemm& gemm, int64_t lane, Range rows) {
  constexpr int64_t kBlock = 128;  // rows whose pre-activations are still in the cache when they are activated
  const Operand &x = i.operands[kX], &b = i.operands[kB], &a = i.operands[kA], &z = i.operands[kZ];
  const bool active = i.integers[0] != 0;
  const int64_t block = active ? kBlock : most(rows.end - rows.begin, 1);
  for (int64_t r = rows.begin; r < rows.end; r += block) {
    const int64_t count = least(block, rows.end - r);
    float* out = step.data<float>(active ? z : a) + r * a.cols;
    gemm.run(step.thread, step.data<float>(x) + r * x.cols, step.data<float>(i.operands[kW], lane),
             step.present(b) ? step.data<float>(b, lane) : nullptr, out, count, step.scratch);
    if (active) activate(i.integers[0], out, step.data<float>(a) + r * a.cols, count * a.cols);
  }
}

void linear(const Step& step, const Instruction& i) {
  const RowGemm& gemm = gemm_of(i);
  for_parts(step, i.operands[kX], shared(i.operands[kW]) && shared(i.operands[kB]), [&](int64_t lane, Range rows) {
    if (gemm.by_columns(rows.end - rows.begin)) {
      few_rows(step, i, gemm, lane, rows);
    } else {
      many_rows(step, i, gemm, lane, my_rows(step, rows));
    }
  });
  barrier();
}

// operands dz, W, dx
std::unique_ptr<Prepared> prepare_backward_input(const Instruction& i, int threads) {
  const WeightShape shape{i.operands[0].cols, i.operands[2].cols, true};
  return std::make_unique<PreparedRows>(shape, i.operands[1].layout, false, threads, i.operands[0].rows);
}

void linear_backward_input(const Step& step, const Instruction& i) {
  const RowGemm& gemm = gemm_of(i);
  const Operand &dz = i.operands[0], &w = i.operands[1], &dx = i.operands[2];
  for_parts(step, dz, shared(w), [&](int64_t lane, Range rows) {
    const bool few = gemm.by_columns(rows.end - rows.begin);
    const Range mine = few ? rows : my_rows(step, rows);
    const float* in = step.data<float>(dz) + mine.begin * dz.cols;
    float* out = step.data<float>(dx) + mine.begin * dx.cols;
    if (few) {
      gemm.run_columns(step.thread, in, step.data<float>(w, lane), nullptr, out, mine.end - mine.begin, step.scratch);
    } else {
      gemm.run(step.thread, in, step.data<float>(w, lane), nullptr, out, mine.end - mine.begin, step.scratch);
    }
  });
  barrier();
}

// operands dz [T, out], x [T, in], dW [out, in]. Each thread makes a band of dW's rows.
struct PreparedBands : Prepared {
  std::vector<std::unique_ptr<TransposedGemm>> bands;  // one a thread; null where a thread has no rows
};

std::unique_ptr<Prepared> prepare_backward_weight(const Instruction& i, int threads) {
  auto prepared = std::make_unique<PreparedBands>();
  const int64_t out = i.operands[0].cols, in = i.operands[1].cols;
  for (int t = 0; t < threads; ++t) {
    Step step{};
    step.thread = t;
    step.threads = threads;
    const Range band = share(step, out, kRowGrain);
    prepared->bands.push_back(band.begin < band.end ? std::make_unique<TransposedGemm>(band.end - band.begin, in, out, threads) : nullptr);
  }
  return prepared;
}

int64_t scratch_backward_weight(const Instruction& i, int) {
  int64_t bytes = 0;
  for (const auto& band : static_cast<const PreparedBands&>(*i.prepared).bands) {
    if (band) bytes = most(bytes, band->scratch_bytes());
  }
  return bytes;
}

// The calling thread's rows of c (+)= dz^T x.
void add_product(const Step& step, const Instruction& i, const Operand& dz, const Operand& x, Range rows, Range band, float* c, bool accumulate) {
  const auto& bands = static_cast<const PreparedBands&>(*i.prepared).bands;
  const float* a = step.data<float>(dz) + rows.begin * dz.cols + band.begin;
  const float* b = step.data<float>(x) + rows.begin * x.cols;
  const int64_t count = rows.end - rows.begin;
  const int64_t done = bands[static_cast<size_t>(step.thread)]->run(step.thread, a, b, c, count, step.scratch, accumulate);
  // The tail, and all of an empty lane, whose gradient is zero.
  if (done < count || done == 0) {
    tile_gemm({.m = band.end - band.begin, .n = x.cols, .k = count - done, .a = a + done * dz.cols, .a_row = 1, .a_col = dz.cols,
               .b = b + done * x.cols, .ldb = x.cols, .c = c, .ldc = x.cols, .accumulate = accumulate || done > 0});
  }
}

// f(rows, band, c) for each copy of a weight's gradient, with the calling thread's rows of it.
template <class F>
void for_copies(const Step& step, const Operand& dz, const Operand& dw, F&& f) {
  const Range band = share(step, dz.cols, kRowGrain);
  const int64_t copies = shared(dw) ? 1 : step.lanes;
  for (int64_t lane = 0; lane < copies && band.begin < band.end; ++lane) {
    const Range rows = shared(dw) ? Range{0, step.rows(dz)} : lane_rows(step, dz, lane);
    f(rows, band, step.data<float>(dw, lane) + band.begin * dw.cols);
  }
  barrier();
}

void linear_backward_weight(const Step& step, const Instruction& i) {
  const Operand &dz = i.operands[0], &x = i.operands[1];
  for_copies(step, dz, i.operands[2], [&](Range rows, Range band, float* c) { add_product(step, i, dz, x, rows, band, c, false); });
}

// operands dz, x, dz_t, x_t, dW_t
void linear_backward_weight_tangent(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  for_copies(step, o[0], o[4], [&](Range rows, Range band, float* c) {
    add_product(step, i, o[2], o[1], rows, band, c, false);
    add_product(step, i, o[0], o[3], rows, band, c, true);
  });
}

PRIMER_REGISTER("linear", 5, linear, nullptr, prepare_linear, scratch_rows)
PRIMER_REGISTER("linear_backward_input", 3, linear_backward_input, nullptr, prepare_backward_input, scratch_rows)
PRIMER_REGISTER("linear_backward_weight", 3, linear_backward_weight, nullptr, prepare_backward_weight, scratch_backward_weight)
PRIMER_REGISTER("linear_backward_weight_tangent", 5, linear_backward_weight_tangent, nullptr, prepare_backward_weight, scratch_backward_weight)

}  // namespace
}  // namespace primer::PRIMER_ISA
