// scale_columns (Liu et al. 2022, sec. 3.3): y[t, j] = x[t, j] l[j].   x [T, d], l [1, d] shared or one copy a lane -> y [T, d].
// scale_columns_backward: dx = dy l, dl = sum over each lane's rows of dy x.   Both overwrite; each may be left out. Saved: x.
//   Accumulation: float64 (device/column_sums.cuh).
// Floor: bytes of all operands once, 8 a number forward, backward 8 and, for dl, 8 more.
#include "device/column_sums.cuh"
#include "device/kernel.h"
#include "device/row_parts.cuh"

namespace primer::cuda {
namespace {

// y = x l
void scaled(const Launch& launch, const Operand& x, const Operand& l, const Operand& y) {
  const float* in = launch.data<const float>(x);
  const Laned<const float> factors = launch.laned<const float>(l);
  float* out = launch.data<float>(y);
  const Rows rows = launch.rows(x);
  const int64_t d = x.cols;
  for_row_parts<float>(launch, x, rows_aligned<float>(launch, {&x, &l, &y}), [=] __device__(int64_t r, auto columns) {
    const float *row = in + r * d, *factor = factors.of(rows.lane_of(r));
    columns.map(out + r * d, [=](auto part) { return load(row, part) * load(factor, part); });
  });
}

// operands x, l, y
void scale_columns(const Launch& launch, const Instruction& i) { scaled(launch, i.operands[0], i.operands[1], i.operands[2]); }

// operands dy, x, l, dx, dl
void scale_columns_backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  if (launch.present(o[3])) scaled(launch, o[0], o[2], o[3]);
  if (!launch.present(o[4])) return;
  const float *dy = launch.data<const float>(o[0]), *x = launch.data<const float>(o[1]);
  const int64_t d = o[0].cols;
  column_sums<float, 1>(launch, o[0], {&o[4]}, rows_aligned<float>(launch, {&o[0], &o[1]}),
                        [=] __device__(int64_t r, auto part, auto* v) { v[0] = load(dy + r * d, part) * load(x + r * d, part); });
}

PRIMER_REGISTER("scale_columns", 3, scale_columns, nullptr, nullptr)
PRIMER_REGISTER("scale_columns_backward", 5, scale_columns_backward, nullptr, column_sums_scratch<0>)

}  // namespace
}  // namespace primer::cuda
