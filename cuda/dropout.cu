// dropout (Srivastava et al. 2014, inverted): y = x m / (1 - p), m drawn per element with probability 1 - p.
//   x [T, d], key int32 [lanes][1, 3] (seed low, seed high, step), one number `site` naming the place -> y [T, d].
// The mask depends on (seed, step, site, row within the lane, column) alone, so it is drawn again and not stored, and is the CPU's:
// dropout's backward pass is dropout of dy with the same key and site.
// Floor: bytes of both operands once. A thread has four neighbouring numbers of a lane.
#include "device/kernel.h"
#include "device/loops.cuh"
#include "device/philox.cuh"
#include "device/vector.cuh"

namespace primer::cuda {
namespace {

// kWideLoads: whether four numbers lie where they may be loaded at once.
template <class T, bool kWideLoads>
__global__ void __launch_bounds__(kThreads) dropout_kernel(const T* x, T* y, Rows rows, int64_t d, Laned<const int32_t> keys, uint64_t site,
                                                           uint32_t threshold, T keep) {
  constexpr int kDrawn = 4, N = kWideLoads ? kDrawn : 1;
  const int32_t lane = static_cast<int32_t>(blockIdx.y), *key = keys.of(lane);
  const int64_t first = rows.begin(lane) * d, count = rows.end(lane) * d - first;
  const Philox philox{{static_cast<uint32_t>(key[0]) ^ static_cast<uint32_t>(site >> 32), static_cast<uint32_t>(key[1])}};
  const uint32_t step = static_cast<uint32_t>(key[2]);
  for (int64_t quad = first_number(); kDrawn * quad < count; quad += number_step()) {
    const int64_t at = first + kDrawn * quad;
    const int32_t left = count - kDrawn * quad < kDrawn ? static_cast<int32_t>(count - kDrawn * quad) : kDrawn;
    Vector<T, N> v[kDrawn / N];
#pragma unroll
    for (int e = 0; e < kDrawn; e += N) v[e / N] = load(x + at, below<N>(e, left));
    uint32_t bits[kDrawn];
    philox(static_cast<uint32_t>(quad), static_cast<uint32_t>(quad >> 32), step, static_cast<uint32_t>(site), bits);
#pragma unroll
    for (int e = 0; e < kDrawn; ++e) v[e / N].n[e % N] *= bits[e] < threshold ? T(0) : keep;
#pragma unroll
    for (int e = 0; e < kDrawn; e += N) {
      if (e < left) store(y + at, Part<N>{e}, v[e / N]);
    }
  }
}

// operands x, key, y; integers site; reals p
template <class T>
void dropout(const Launch& launch, const Instruction& i) {
  const Operand &x = i.operands[0], &y = i.operands[2];
  // A lane's rows begin at a multiple of four numbers where a row has as many.
  const bool wide = std::is_same_v<T, float> && rows_aligned<T>(launch, {&x, &y});
  const auto kernel = wide ? dropout_kernel<T, std::is_same_v<T, float>> : dropout_kernel<T, false>;
  launch(kernel, dim3(blocks_for_numbers(launch, ceil_div(launch.most_rows(x) * x.cols, 4)), u32(launch.lanes)), kThreads, 0, launch.data<const T>(x),
         launch.data<T>(y), launch.rows(x), x.cols, launch.laned<const int32_t>(i.operands[1]), static_cast<uint64_t>(i.integers[0]),
         static_cast<uint32_t>(i.reals[0] * 4294967296.0), static_cast<T>(1.0 / (1.0 - i.reals[0])));
}

PRIMER_REGISTER("dropout", 3, dropout<float>, dropout<double>, nullptr)

}  // namespace
}  // namespace primer::cuda
