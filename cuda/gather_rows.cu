// gather_rows:  y[r] = table[index[r]].         table [V, d], index int32 [R] -> y [R, d].
// scatter_rows: table[index[r]] += x[r], from zero. x [R, d], index int32 [R] -> table [V, d].
// The table is shared, one copy a lane, or itself runs along an axis (then an index counts rows of the whole batch);
// a shared one gets the rows of all lanes.
#include "device/kernel.h"
#include "device/row_parts.cuh"
#include "device/scatter.cuh"

namespace primer::cuda {
namespace {

// operands table, index, y
template <class T>
void gather_rows(const Launch& launch, const Instruction& i) {
  const Operand &table = i.operands[0], &y = i.operands[2];
  const Laned<const T> in = launch.laned<const T>(table);
  const int32_t* index = launch.data<const int32_t>(i.operands[1]);
  T* out = launch.data<T>(y);
  const Rows rows = launch.rows(y);
  const int64_t d = y.cols;
  for_row_parts<T>(launch, y, rows_aligned<T>(launch, {&table, &y}), [=] __device__(int64_t r, auto columns) {
    const T* row = in.of(rows.lane_of(r)) + index[r] * d;
    columns.map(out + r * d, [=](auto part) { return load(row, part); });
  });
}

// operands x, index, table
template <class T>
void scatter_rows(const Launch& launch, const Instruction& i) {
  const int32_t* index = launch.data<const int32_t>(i.operands[1]);
  scatter_added<T>(launch, i.operands[0], i.operands[2], [=] __device__(int64_t r) { return static_cast<int64_t>(index[r]); });
}

int64_t added_scratch(const Instruction& i, int64_t lanes) { return scatter_scratch(i.operands[0], i.operands[2], lanes); }

PRIMER_REGISTER("gather_rows", 3, gather_rows<float>, gather_rows<double>, nullptr)
PRIMER_REGISTER("scatter_rows", 3, scatter_rows<float>, scatter_rows<double>, added_scratch)

}  // namespace
}  // namespace primer::cuda
