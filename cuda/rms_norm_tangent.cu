// Tangents of rms_norm, with n = x rstd and p = mean(x_t n) over each row:
//   rstd_t = -rstd^2 p, n_t = rstd (x_t - n p), y_t = g n_t + g_t n.
// Tangents of rms_norm_backward, with n_t = x_t rstd + x rstd_t, e = dy g, e_t = dy_t g + dy g_t, q = mean(e n), q_t = mean(e_t n + e n_t):
//   dx_t = rstd_t (e - n q) + rstd (e_t - n_t q - n q_t), dg_t = sum of dy_t n + dy n_t.
// x, dy and their tangents [T, d], rstd [T, 1], g [1, d] shared or one copy a lane. A tangent that is left out is zero; x_t and rstd_t are
// left out together. All overwrite; each output may be left out.
// Saved: x, rstd. Accumulation: float32, a warp a row; dg_t float64 (device/column_sums.cuh).
// Floor: bytes; forward 12 a number, backward 20 and, for dg_t, 16 more.
#include "device/column_sums.cuh"
#include "device/kernel.h"

namespace primer::cuda {
namespace {

// operands x, rstd, g, x_t, g_t, y_t, rstd_t
void rms_norm_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *x = launch.data<const float>(o[0]), *rstd = launch.data<const float>(o[1]), *x_t = launch.data<const float>(o[3]);
  const Laned<const float> g = launch.laned<const float>(o[2]), g_t = launch.laned<const float>(o[4]);
  float *y_t = launch.data<float>(o[5]), *rstd_t = launch.data<float>(o[6]);
  const Rows rows = launch.rows(o[0]);
  const int64_t d = o[0].cols;
  for_rows(launch, o[0], [=] __device__(int64_t r, int32_t at) {
    const int64_t row = r * d;
    float p = 0;
    for (int64_t c = at; x_t && c < d; c += kWarp) p += x_t[row + c] * x[row + c];
    p = warp_sum(p) * rstd[r] / static_cast<float>(d);
    if (at == 0 && rstd_t) rstd_t[r] = -rstd[r] * rstd[r] * p;
    if (!y_t) return;
    const int32_t lane = rows.lane_of(r);
    for (int64_t c = at; c < d; c += kWarp) {
      const float n = x[row + c] * rstd[r], n_t = x_t ? rstd[r] * (x_t[row + c] - n * p) : 0.0f;
      y_t[row + c] = g.of(lane)[c] * n_t + (g_t ? g_t.of(lane)[c] * n : 0.0f);
    }
  });
}

// operands dy, x, rstd, g, dy_t, x_t, rstd_t, g_t, dx_t, dg_t
struct Backward {
  const float *dy, *x, *rstd;
  Laned<const float> g;
  const float *dy_t, *x_t, *rstd_t;
  Laned<const float> g_t;
  int64_t d;

  Backward(const Launch& launch, const Instruction& i)
      : dy(launch.data<const float>(i.operands[0])), x(launch.data<const float>(i.operands[1])), rstd(launch.data<const float>(i.operands[2])),
        g(launch.laned<const float>(i.operands[3])), dy_t(launch.data<const float>(i.operands[4])), x_t(launch.data<const float>(i.operands[5])),
        rstd_t(launch.data<const float>(i.operands[6])), g_t(launch.laned<const float>(i.operands[7])), d(i.operands[0].cols) {}

  __device__ float n(int64_t r, int64_t c) const { return x[r * d + c] * rstd[r]; }
  __device__ float n_t(int64_t r, int64_t c) const { return x_t ? x_t[r * d + c] * rstd[r] + x[r * d + c] * rstd_t[r] : 0.0f; }
  __device__ float e(int64_t r, int32_t lane, int64_t c) const { return dy[r * d + c] * g.of(lane)[c]; }
  __device__ float e_t(int64_t r, int32_t lane, int64_t c) const {
    return (dy_t ? dy_t[r * d + c] * g.of(lane)[c] : 0.0f) + (g_t ? dy[r * d + c] * g_t.of(lane)[c] : 0.0f);
  }
};

void rms_norm_backward_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Backward b(launch, i);
  const Rows rows = launch.rows(o[0]);
  if (launch.present(o[8])) {
    float* dx_t = launch.data<float>(o[8]);
    for_rows(launch, o[0], [=] __device__(int64_t r, int32_t at) {
      const int32_t lane = rows.lane_of(r);
      float q = 0, q_t = 0;
      for (int64_t c = at; c < b.d; c += kWarp) {
        const float e = b.e(r, lane, c);
        q += e * b.n(r, c);
        q_t += b.e_t(r, lane, c) * b.n(r, c) + e * b.n_t(r, c);
      }
      q = warp_sum(q) / static_cast<float>(b.d);
      q_t = warp_sum(q_t) / static_cast<float>(b.d);
      const float rstd_t = b.rstd_t ? b.rstd_t[r] : 0.0f;
      for (int64_t c = at; c < b.d; c += kWarp) {
        const float n = b.n(r, c), still = b.e(r, lane, c) - n * q, moved = b.e_t(r, lane, c) - b.n_t(r, c) * q - n * q_t;
        dx_t[r * b.d + c] = rstd_t * still + b.rstd[r] * moved;
      }
    });
  }
  if (!launch.present(o[9])) return;
  const bool wide = rows_aligned<float>(launch, {&o[0], &o[1], &o[4], &o[5]});
  column_sums<float, 1>(launch, o[0], {&o[9]}, wide, [=] __device__(int64_t r, auto part, auto* v) {
    const int64_t at = r * b.d;
    const auto x = load(b.x + at, part), dy = load(b.dy + at, part);
    v[0] = load_or_zero(b.dy_t ? b.dy_t + at : nullptr, part) * (x * b.rstd[r]);
    if (b.x_t) v[0] = v[0] + dy * (load(b.x_t + at, part) * b.rstd[r] + x * b.rstd_t[r]);
  });
}

PRIMER_REGISTER("rms_norm_tangent", 7, rms_norm_tangent, nullptr, nullptr)
PRIMER_REGISTER("rms_norm_backward_tangent", 10, rms_norm_backward_tangent, nullptr, column_sums_scratch<0>)

}  // namespace
}  // namespace primer::cuda
