// gather_range:  y[r] = table[index[r] - first], zeros where that is no row of the table.   table [V, d], index int32 [R] -> y [R, d].
// scatter_range: table[index[r] - first] += x[r], from zero; other rows are left out.       x [R, d], index -> table [V, d].
// The table is shared or one copy a lane; a shared one gets the rows of all lanes.
#include "device/kernel.h"
#include "device/row_parts.cuh"
#include "device/scatter.cuh"

namespace primer::cuda {
namespace {

// operands table, index, y; integers first
template <class T>
void gather_range(const Launch& launch, const Instruction& i) {
  const Operand &table = i.operands[0], &y = i.operands[2];
  const Laned<const T> in = launch.laned<const T>(table);
  const int32_t* index = launch.data<const int32_t>(i.operands[1]);
  T* out = launch.data<T>(y);
  const Rows rows = launch.rows(y);
  const int64_t d = y.cols, first = i.integers[0], count = table.rows;
  for_row_parts<T>(launch, y, rows_aligned<T>(launch, {&table, &y}), [=] __device__(int64_t r, auto columns) {
    const int64_t at = index[r] - first;
    const T* row = at >= 0 && at < count ? in.of(rows.lane_of(r)) + at * d : nullptr;
    columns.map(out + r * d, [=](auto part) { return load_or_zero(row, part); });
  });
}

// operands x, index, table; integers first
template <class T>
void scatter_range(const Launch& launch, const Instruction& i) {
  const int32_t* index = launch.data<const int32_t>(i.operands[1]);
  const int64_t first = i.integers[0], count = i.operands[2].rows;
  scatter_added<T>(launch, i.operands[0], i.operands[2], [=] __device__(int64_t r) {
    const int64_t row = index[r] - first;
    return row < count ? row : -1;
  });
}

int64_t added_scratch(const Instruction& i, int64_t lanes) { return scatter_scratch(i.operands[0], i.operands[2], lanes); }

PRIMER_REGISTER("gather_range", 3, gather_range<float>, gather_range<double>, nullptr)
PRIMER_REGISTER("scatter_range", 3, scatter_range<float>, scatter_range<double>, added_scratch)

}  // namespace
}  // namespace primer::cuda
