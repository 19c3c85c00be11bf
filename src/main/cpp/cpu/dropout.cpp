// dropout (Srivastava et al. 2014, inverted): y = x m / (1 - p), m drawn per element with probability 1 - p.
//   x [T, d], key int32 [lanes][1, 3] (seed low, seed high, step), one number `site` naming the place -> y [T, d].
// The mask depends on (seed, step, site, row within the lane, column) alone, so it is drawn again and not stored:
// dropout's backward pass is dropout of dy with the same key and site.
#include "cpu/philox.h"

PRIMER_KERNELS {
namespace {

// operands x, key, y; integers site; reals p
struct Mask {
  Philox philox;
  uint32_t step, site;
  uint32_t threshold;  // an element is dropped when its number lies below
  double keep;

  // Elements 4 q .. 4 q + 3 of the lane, times 1 / (1 - p) or 0.
  template <class T>
  void quad(uint64_t q, T out[4]) const {
    const uint32_t counter[4] = {static_cast<uint32_t>(q), static_cast<uint32_t>(q >> 32), step, site};
    uint32_t bits[4];
    philox(counter, bits);
    for (int e = 0; e < 4; ++e) out[e] = bits[e] < threshold ? T(0) : static_cast<T>(keep);
  }
};

template <class T>
void apply(const Mask& mask, const T* x, T* y, int64_t begin, int64_t end) {
  T quad[4];
  for (int64_t e = begin; e < end;) {
    mask.quad(static_cast<uint64_t>(e) / 4, quad);
    const int64_t stop = least(end, e / 4 * 4 + 4);
    for (; e < stop; ++e) y[e] = x[e] * quad[e % 4];
  }
}

template <class T>
void dropout(const Step& step, const Instruction& i) {
  const Operand& x = i.operands[0];
  const double p = i.reals[0];
  const uint64_t site = static_cast<uint64_t>(i.integers[0]);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const int32_t* key = step.data<int32_t>(i.operands[1], lane);
    const Mask mask{{{static_cast<uint32_t>(key[0]) ^ static_cast<uint32_t>(site >> 32), static_cast<uint32_t>(key[1])}},
                    static_cast<uint32_t>(key[2]), static_cast<uint32_t>(site),
                    static_cast<uint32_t>(p * 4294967296.0), 1.0 / (1.0 - p)};
    const Range rows = lane_rows(step, x, lane);
    const Range mine = share(step, rows.end - rows.begin, 4);
    const int64_t first = rows.begin * x.cols;
    apply(mask, step.data<T>(x) + first, step.data<T>(i.operands[2]) + first, mine.begin * x.cols, mine.end * x.cols);
  }
  barrier();
}

PRIMER_REGISTER("dropout", dropout<float>, dropout<double>, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
