// rms_norm (Zhang and Sennrich 2019, eq. 4): y = g n, n = x rstd over each row, rstd = 1/sqrt(mean(x^2) + eps).
//   x [T, d], g [1, d] shared or one copy a lane -> y [T, d], rstd [T, 1].
// rms_norm_backward, with e = dy g:
//   dx = rstd (e - n mean(e n)), dg = sum dy n.   Both overwrite; each may be left out.
//   Saved: x, rstd. Accumulation: float32, a warp a row; dg float64 (device/column_sums.cuh).
// Floor: bytes of all operands once, 8 a number forward and 12 backward.
#include "device/column_sums.cuh"
#include "device/kernel.h"

namespace primer::cuda {
namespace {

// operands x, g, y, rstd; reals eps
void rms_norm(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float* x = launch.data<const float>(o[0]);
  const Laned<const float> g = launch.laned<const float>(o[1]);
  float *y = launch.data<float>(o[2]), *rstd = launch.data<float>(o[3]);
  const Rows rows = launch.rows(o[0]);
  const int64_t d = o[0].cols;
  const float eps = static_cast<float>(i.reals[0]);
  for_rows(launch, o[0], [=] __device__(int64_t r, int32_t at) {
    float squares = 0;
    for (int64_t c = at; c < d; c += kWarp) squares += x[r * d + c] * x[r * d + c];
    const float scale = 1.0f / ::sqrtf(warp_sum(squares) / static_cast<float>(d) + eps);
    if (at == 0) rstd[r] = scale;
    const float* gain = g.of(rows.lane_of(r));
    for (int64_t c = at; c < d; c += kWarp) y[r * d + c] = x[r * d + c] * scale * gain[c];
  });
}

// operands dy, x, rstd, g, dx, dg
void rms_norm_backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[0]), *x = launch.data<const float>(o[1]), *rstd = launch.data<const float>(o[2]);
  const Rows rows = launch.rows(o[0]);
  const int64_t d = o[0].cols;
  if (launch.present(o[4])) {
    const Laned<const float> g = launch.laned<const float>(o[3]);
    float* dx = launch.data<float>(o[4]);
    for_rows(launch, o[0], [=] __device__(int64_t r, int32_t at) {
      const float* gain = g.of(rows.lane_of(r));
      float along = 0;
      for (int64_t c = at; c < d; c += kWarp) along += dy[r * d + c] * gain[c] * x[r * d + c];
      const float factor = warp_sum(along) * rstd[r] * rstd[r] / static_cast<float>(d);
      for (int64_t c = at; c < d; c += kWarp) dx[r * d + c] = rstd[r] * (dy[r * d + c] * gain[c] - x[r * d + c] * factor);
    });
  }
  if (launch.present(o[5])) {
    column_sums<float>(launch, [=] __device__(int64_t r, int64_t c) { return dy[r * d + c] * (x[r * d + c] * rstd[r]); }, rows, launch.laned<float>(o[5]), d);
  }
}

PRIMER_REGISTER("rms_norm", 4, rms_norm, nullptr, nullptr)
PRIMER_REGISTER("rms_norm_backward", 6, rms_norm_backward, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
