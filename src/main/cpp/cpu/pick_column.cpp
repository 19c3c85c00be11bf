// pick_column:  y[t] = x[t, column[t]].                       x [T, V], column int32 [T] -> y [T, 1].
// place_column: y[t, column[t]] = x[t], zeros elsewhere.       x [T, 1], column int32 [T] -> y [T, V].   Float32 and float64.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// operands x, column, y
template <class T>
void pick_column(const Step& step, const Instruction& i) {
  const Operand& x = i.operands[0];
  const Range mine = share(step, step.rows(x));
  for (int64_t r = mine.begin; r < mine.end; ++r) {
    step.data<T>(i.operands[2])[r] = step.data<T>(x)[r * x.cols + step.data<int32_t>(i.operands[1])[r]];
  }
  barrier();
}

template <class T>
void place_column(const Step& step, const Instruction& i) {
  const Operand& y = i.operands[2];
  const Range mine = share(step, step.rows(y));
  for (int64_t r = mine.begin; r < mine.end; ++r) {
    T* out = step.data<T>(y) + r * y.cols;
    for (int64_t c = 0; c < y.cols; ++c) out[c] = 0;
    out[step.data<int32_t>(i.operands[1])[r]] = step.data<T>(i.operands[0])[r];
  }
  barrier();
}

PRIMER_REGISTER("pick_column", 3, pick_column<float>, pick_column<double>, nullptr, nullptr)
PRIMER_REGISTER("place_column", 3, place_column<float>, place_column<double>, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
