// Tangents of rms_norm, with n = x rstd and p = mean(x_t n) over each row:
//   rstd_t = -rstd^2 p, n_t = rstd (x_t - n p), y_t = g n_t + g_t n.
// Tangents of rms_norm_backward, with n_t = x_t rstd + x rstd_t, e = dy g, e_t = dy_t g + dy g_t, q = mean(e n), q_t = mean(e_t n + e n_t):
//   dx_t = rstd_t (e - n q) + rstd (e_t - n_t q - n q_t), dg_t = sum of dy_t n + dy n_t.
// x, dy and their tangents [T, d], rstd [T, 1], g [1, d] shared or one copy a lane. A tangent that is left out is zero; x_t and rstd_t are
// left out together. All overwrite; each output may be left out.
// Saved: x, rstd. Accumulation: float32, a row by a warp or block; dg_t float64 (device/column_sums.cuh).
// Floor: bytes; forward 12 a number, backward 20 and, for dg_t, 16 more.
#include "device/column_sums.cuh"
#include "device/kernel.h"
#include "device/whole_rows.cuh"

namespace primer::cuda {
namespace {

template <class V>
struct Moved {
  V n, x_t;
};

// operands x, rstd, g, x_t, g_t, y_t, rstd_t
void rms_norm_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *x = launch.data<const float>(o[0]), *rstd = launch.data<const float>(o[1]), *x_t = launch.data<const float>(o[3]);
  const Laned<const float> g = launch.laned<const float>(o[2]), g_t = launch.laned<const float>(o[4]);
  float *y_t = launch.data<float>(o[5]), *rstd_t = launch.data<float>(o[6]);
  const Rows rows = launch.rows(o[0]);
  const int64_t d = o[0].cols;
  const bool wide = rows_aligned<float>(launch, {&o[0], &o[2], &o[3], &o[4], &o[5]});
  for_whole_rows<float>(launch, o[0], wide, [=] __device__(int64_t r, auto team) {
    const int64_t at = r * d;
    const int32_t lane = rows.lane_of(r);
    const float scale = rstd[r];
    const auto row = team.hold([=](auto part) { return Moved{load(x + at, part) * scale, load_or_zero(row_at(x_t, at), part)}; });
    float p = 0;
    row.each([&](auto, const auto& v) { p += total(v.x_t * v.n); });
    p = team.sum(p) / static_cast<float>(d);
    if (team.leads() && rstd_t) rstd_t[r] = -scale * scale * p;
    if (!y_t) return;
    row.each([&](auto part, const auto& v) {
      auto sum = (v.x_t - v.n * p) * scale * load_fixed(g.of(lane), part);
      if (g_t) sum = sum + v.n * load_fixed(g_t.of(lane), part);
      store(y_t + at, part, sum);
    });
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

  // n_t of a part of x
  template <int N>
  __device__ Vector<float, N> moved(int64_t r, Part<N> part, const Vector<float, N>& v) const {
    return x_t ? load(x_t + r * d, part) * rstd[r] + v * rstd_t[r] : filled(0.0f, part);
  }
};

template <class V>
struct MovedScaled {
  V e, e_t, n, n_t;
};

void backward_input_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Backward b(launch, i);
  const Rows rows = launch.rows(o[0]);
  float* dx_t = launch.data<float>(o[8]);
  const float share = 1.0f / static_cast<float>(b.d);
  const bool wide = rows_aligned<float>(launch, {&o[0], &o[1], &o[3], &o[4], &o[5], &o[7], &o[8]});
  for_whole_rows<float>(launch, o[0], wide, [=] __device__(int64_t r, auto team) {
    const int64_t at = r * b.d;
    const int32_t lane = rows.lane_of(r);
    const float scale = b.rstd[r], rstd_t = b.rstd_t ? b.rstd_t[r] : 0.0f;
    const auto row = team.hold([=](auto part) {
      const auto up = load(b.dy + at, part), gain = load_fixed(b.g.of(lane), part), x = load(b.x + at, part);
      auto e_t = load_or_zero(row_at(b.dy_t, at), part) * gain;
      if (b.g_t) e_t = e_t + up * load_fixed(b.g_t.of(lane), part);
      return MovedScaled{up * gain, e_t, x * scale, b.moved(r, part, x)};
    });
    float q = 0, q_t = 0;
    row.each([&](auto, const auto& v) {
      q += total(v.e * v.n);
      q_t += total(v.e_t * v.n + v.e * v.n_t);
    });
    q = team.sum(q) * share;
    q_t = team.sum(q_t) * share;
    row.each([&](auto part, const auto& v) { store(dx_t + at, part, (v.e - v.n * q) * rstd_t + (v.e_t - v.n_t * q - v.n * q_t) * scale); });
  });
}

void backward_parameter_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Backward b(launch, i);
  const bool wide = rows_aligned<float>(launch, {&o[0], &o[1], &o[4], &o[5]});
  column_sums<float, 1>(launch, o[0], {&o[9]}, wide, [=] __device__(int64_t r, auto part, auto* v) {
    const int64_t at = r * b.d;
    const auto x = load(b.x + at, part);
    v[0] = load_or_zero(row_at(b.dy_t, at), part) * (x * b.rstd[r]) + load(b.dy + at, part) * b.moved(r, part, x);
  });
}

void rms_norm_backward_tangent(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  if (launch.present(o[8])) backward_input_tangent(launch, i);
  if (launch.present(o[9])) backward_parameter_tangent(launch, i);
}

PRIMER_REGISTER("rms_norm_tangent", 7, rms_norm_tangent, nullptr, nullptr)
PRIMER_REGISTER("rms_norm_backward_tangent", 10, rms_norm_backward_tangent, nullptr, column_sums_scratch<0>)

}  // namespace
}  // namespace primer::cuda
