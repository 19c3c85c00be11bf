// gather_rows:  y[r] = table[index[r]].         table [V, d], index int32 [R] -> y [R, d].
// scatter_rows: table[index[r]] += x[r], from zero. x [R, d], index int32 [R] -> table [V, d].
// The table is shared, one copy a lane, or itself runs along an axis (then an index counts rows of the whole batch);
// a shared one gets the rows of all lanes.
// scatter_rows: each thread makes a band of columns, rows in ascending order: the same bits for any thread count.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// operands table, index, y
template <class T>
void gather_rows(const Step& step, const Instruction& i) {
  const Operand &table = i.operands[0], &y = i.operands[2];
  const int32_t* index = step.data<int32_t>(i.operands[1]);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, y, lane);
    const Range mine = share(step, rows.end - rows.begin);
    for (int64_t r = rows.begin + mine.begin; r < rows.begin + mine.end; ++r) {
      std::memcpy(step.data<T>(y) + r * y.cols, step.data<T>(table, lane) + index[r] * y.cols, static_cast<size_t>(y.cols) * sizeof(T));
    }
  }
  barrier();
}

// operands x, index, table
template <class T>
void scatter_rows(const Step& step, const Instruction& i) {
  const Operand &x = i.operands[0], &table = i.operands[2];
  const int64_t d = x.cols;
  const int32_t* index = step.data<int32_t>(i.operands[1]);
  const bool along_axis = table.axis >= 0;
  const Range band = share(step, d, kLanes);
  const size_t bytes = static_cast<size_t>(band.end - band.begin) * sizeof(T);
  const int64_t copies = along_axis || table.lane_stride != 0 ? step.lanes : 1;
  for (int64_t lane = 0; lane < copies; ++lane) {
    T* out = step.data<T>(table, lane);
    const Range kept = along_axis ? lane_rows(step, table, lane) : Range{0, table.rows};
    for (int64_t v = kept.begin; v < kept.end; ++v) std::memset(out + v * d + band.begin, 0, bytes);
  }
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    T* out = step.data<T>(table, lane);
    const Range rows = lane_rows(step, x, lane);
    for (int64_t r = rows.begin; r < rows.end; ++r) {
      const T* in = step.data<T>(x) + r * d;
      T* row = out + index[r] * d;
#pragma omp simd
      for (int64_t c = band.begin; c < band.end; ++c) row[c] += in[c];
    }
  }
  barrier();
}

PRIMER_REGISTER("gather_rows", 3, gather_rows<float>, gather_rows<double>, nullptr, nullptr)
PRIMER_REGISTER("scatter_rows", 3, scatter_rows<float>, scatter_rows<double>, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
