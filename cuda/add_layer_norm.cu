// add_layer_norm (Ba et al. 2016, eq. 4): y = g * n + b, n = (x + w - mean) * rstd over each row, rstd = 1/sqrt(var + eps).
//   x, w [T, d] (w, the residual, may be left out), g, b [1, d] shared or one copy a lane -> y [T, d], n [T, d], rstd [T, 1].
// add_layer_norm_backward, with e = dy * g:
//   dx = dw = rstd (e - mean(e) - n mean(e n)), dg = sum dy n, db = sum dy.   All overwrite; each may be left out.
//   Saved: n, rstd. Accumulation: float32, a row by a warp; dg and db float64 (device/column_sums.cuh).
// Floor: bytes; forward 16 a number with a residual, backward 12 and, for dg and db, 8 more.
#include "device/column_sums.cuh"
#include "device/kernel.h"

namespace primer::cuda {
namespace {

// operands x, w, g, b, y, n, rstd; reals eps
void add_layer_norm(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *x = launch.data<const float>(o[0]), *w = launch.data<const float>(o[1]);
  const Laned<const float> g = launch.laned<const float>(o[2]), b = launch.laned<const float>(o[3]);
  float *y = launch.data<float>(o[4]), *n = launch.data<float>(o[5]), *rstd = launch.data<float>(o[6]);
  const Rows rows = launch.rows(o[0]);
  const int64_t d = o[0].cols;
  const float eps = static_cast<float>(i.reals[0]);
  for_rows(launch, o[0], [=] __device__(int64_t r, int32_t at) {
    float sum = 0, squares = 0;
    for (int64_t c = at; c < d; c += kWarp) sum += n[r * d + c] = w ? x[r * d + c] + w[r * d + c] : x[r * d + c];
    const float mean = warp_sum(sum) / static_cast<float>(d);
    for (int64_t c = at; c < d; c += kWarp) squares += (n[r * d + c] - mean) * (n[r * d + c] - mean);
    const float scale = 1.0f / ::sqrtf(warp_sum(squares) / static_cast<float>(d) + eps);
    if (at == 0) rstd[r] = scale;
    const int32_t lane = rows.lane_of(r);
    for (int64_t c = at; c < d; c += kWarp) {
      const float v = (n[r * d + c] - mean) * scale;
      n[r * d + c] = v;
      y[r * d + c] = v * g.of(lane)[c] + b.of(lane)[c];
    }
  });
}

void backward_input(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[0]), *n = launch.data<const float>(o[1]), *rstd = launch.data<const float>(o[2]);
  const Laned<const float> g = launch.laned<const float>(o[3]);
  float* dx = launch.data<float>(o[4]);
  const Rows rows = launch.rows(o[0]);
  const int64_t d = o[0].cols;
  for_rows(launch, o[0], [=] __device__(int64_t r, int32_t at) {
    const float* gain = g.of(rows.lane_of(r));
    float mean = 0, mean_n = 0;
    for (int64_t c = at; c < d; c += kWarp) {
      const float e = dy[r * d + c] * gain[c];
      mean += e;
      mean_n += e * n[r * d + c];
    }
    mean = warp_sum(mean) / static_cast<float>(d);
    mean_n = warp_sum(mean_n) / static_cast<float>(d);
    for (int64_t c = at; c < d; c += kWarp) dx[r * d + c] = rstd[r] * (dy[r * d + c] * gain[c] - mean - n[r * d + c] * mean_n);
  });
}

// operands dy, n, rstd, g, dx, dg, db
void add_layer_norm_backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[0]), *n = launch.data<const float>(o[1]);
  const int64_t d = o[0].cols;
  if (launch.present(o[4])) backward_input(launch, i);
  if (launch.present(o[5])) {
    column_sums<float>(launch, [=] __device__(int64_t r, int64_t c) { return dy[r * d + c] * n[r * d + c]; }, launch.rows(o[0]), launch.laned<float>(o[5]), d);
  }
  if (launch.present(o[6])) {
    column_sums<float>(launch, [=] __device__(int64_t r, int64_t c) { return dy[r * d + c]; }, launch.rows(o[0]), launch.laned<float>(o[6]), d);
  }
}

PRIMER_REGISTER("add_layer_norm", 7, add_layer_norm, nullptr, nullptr)
PRIMER_REGISTER("add_layer_norm_backward", 7, add_layer_norm_backward, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
