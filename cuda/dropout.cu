// dropout (Srivastava et al. 2014, inverted): y = x m / (1 - p), m drawn per element with probability 1 - p.
//   x [T, d], key int32 [lanes][1, 3] (seed low, seed high, step), one number `site` naming the place -> y [T, d].
// The mask depends on (seed, step, site, row within the lane, column) alone, so it is drawn again and not stored, and is the CPU's:
// dropout's backward pass is dropout of dy with the same key and site.
// Floor: bytes of both operands once. A thread has four neighbouring numbers of a lane.
#include "device/kernel.h"
#include "device/loops.cuh"
#include "device/philox.cuh"

namespace primer::cuda {
namespace {

// operands x, key, y; integers site; reals p
template <class T>
void dropout(const Launch& launch, const Instruction& i) {
  const Operand& x = i.operands[0];
  const T* in = launch.data<const T>(x);
  const Laned<const int32_t> keys = launch.laned<const int32_t>(i.operands[1]);
  T* y = launch.data<T>(i.operands[2]);
  const Rows rows = launch.rows(x);
  const int64_t d = x.cols;
  const uint64_t site = static_cast<uint64_t>(i.integers[0]);
  const uint32_t threshold = static_cast<uint32_t>(i.reals[0] * 4294967296.0);
  const T keep = static_cast<T>(1.0 / (1.0 - i.reals[0]));
  for_copies(launch, launch.lanes, ceil_div(launch.most_rows(x) * d, 4), [=] __device__(int32_t lane, int64_t quad) {
    const int64_t count = static_cast<int64_t>(rows.end(lane) - rows.begin(lane)) * d, first = rows.begin(lane) * d;
    if (4 * quad >= count) return;
    const int32_t* key = keys.of(lane);
    const Philox philox{{static_cast<uint32_t>(key[0]) ^ static_cast<uint32_t>(site >> 32), static_cast<uint32_t>(key[1])}};
    uint32_t bits[4];
    philox(static_cast<uint32_t>(quad), static_cast<uint32_t>(quad >> 32), static_cast<uint32_t>(key[2]), static_cast<uint32_t>(site), bits);
    for (int64_t e = 0; e < 4 && 4 * quad + e < count; ++e) {
      const int64_t at = first + 4 * quad + e;
      y[at] = in[at] * (bits[e] < threshold ? T(0) : keep);
    }
  });
}

PRIMER_REGISTER("dropout", 3, dropout<float>, dropout<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
