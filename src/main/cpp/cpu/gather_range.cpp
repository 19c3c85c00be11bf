// gather_range:  y[r] = table[index[r] - first], zeros where that is no row of the table.   table [V, d], index int32 [R] -> y [R, d].
// scatter_range: table[index[r] - first] += x[r], from zero; other rows are left out.       x [R, d], index -> table [V, d].
// The table is shared or one copy a lane; a shared one gets the rows of all lanes.
// scatter_range: each thread makes a band of columns, rows in ascending order: the same bits for any thread count.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// operands table, index, y; integers first
template <class T>
void gather_range(const Step& step, const Instruction& i) {
  const Operand &table = i.operands[0], &y = i.operands[2];
  const int32_t* index = step.data<int32_t>(i.operands[1]);
  const size_t bytes = static_cast<size_t>(y.cols) * sizeof(T);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, y, lane);
    const Range mine = share(step, rows.end - rows.begin);
    for (int64_t r = rows.begin + mine.begin; r < rows.begin + mine.end; ++r) {
      const int64_t row = index[r] - i.integers[0];
      T* out = step.data<T>(y) + r * y.cols;
      if (row >= 0 && row < table.rows) {
        std::memcpy(out, step.data<T>(table, lane) + row * y.cols, bytes);
      } else {
        std::memset(out, 0, bytes);
      }
    }
  }
  barrier();
}

// operands x, index, table; integers first
template <class T>
void scatter_range(const Step& step, const Instruction& i) {
  const Operand &x = i.operands[0], &table = i.operands[2];
  const int64_t d = x.cols;
  const int32_t* index = step.data<int32_t>(i.operands[1]);
  const Range band = share(step, d, kLanes);
  const size_t bytes = static_cast<size_t>(band.end - band.begin) * sizeof(T);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    T* out = step.data<T>(table, lane);
    const bool fresh = lane == 0 || table.lane_stride != 0;
    for (int64_t v = 0; fresh && v < table.rows; ++v) std::memset(out + v * d + band.begin, 0, bytes);
    const Range rows = lane_rows(step, x, lane);
    for (int64_t r = rows.begin; r < rows.end; ++r) {
      const int64_t row = index[r] - i.integers[0];
      if (row < 0 || row >= table.rows) continue;
      const T* in = step.data<T>(x) + r * d;
#pragma omp simd
      for (int64_t c = band.begin; c < band.end; ++c) out[row * d + c] += in[c];
    }
  }
  barrier();
}

PRIMER_REGISTER("gather_range", 3, gather_range<float>, gather_range<double>, nullptr, nullptr)
PRIMER_REGISTER("scatter_range", 3, scatter_range<float>, scatter_range<double>, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
