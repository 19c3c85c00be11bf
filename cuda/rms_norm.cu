// rms_norm (Zhang and Sennrich 2019, eq. 4): y = g n, n = x rstd over each row, rstd = 1/sqrt(mean(x^2) + eps).
//   x [T, d], g [1, d] shared or one copy a lane -> y [T, d], rstd [T, 1].
// rms_norm_backward, with e = dy g:
//   dx = rstd (e - n mean(e n)), dg = sum dy n.   Both overwrite; each may be left out.
//   Saved: x, rstd. Accumulation: float32, a row by a warp or block; dg float64 (device/column_sums.cuh).
// Floor: bytes of all operands once, 8 a number forward, backward 12 and, for dg, 8 more.
#include "device/column_sums.cuh"
#include "device/kernel.h"
#include "device/whole_rows.cuh"

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
  const float eps = static_cast<float>(i.reals[0]), share = 1.0f / static_cast<float>(d);
  const bool wide = rows_aligned<float>(launch, {&o[0], &o[1], &o[2]});
  for_whole_rows<float>(launch, o[0], wide, [=] __device__(int64_t r, auto team) {
    const float* gain = g.of(rows.lane_of(r));
    const auto row = team.hold([=](auto part) { return load(x + r * d, part); });
    float squares = 0;
    row.each([&](auto, const auto& v) { squares += total(v * v); });
    const float scale = 1.0f / ::sqrtf(team.sum(squares) * share + eps);
    if (team.leads()) rstd[r] = scale;
    row.each([&](auto part, const auto& v) { store(y + r * d, part, v * scale * load_fixed(gain, part)); });
  });
}

template <class V>
struct Scaled {
  V e, x;
};

void backward_input(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[0]), *x = launch.data<const float>(o[1]), *rstd = launch.data<const float>(o[2]);
  const Laned<const float> g = launch.laned<const float>(o[3]);
  float* dx = launch.data<float>(o[4]);
  const Rows rows = launch.rows(o[0]);
  const int64_t d = o[0].cols;
  const float share = 1.0f / static_cast<float>(d);
  const bool wide = rows_aligned<float>(launch, {&o[0], &o[1], &o[3], &o[4]});
  for_whole_rows<float>(launch, o[0], wide, [=] __device__(int64_t r, auto team) {
    const float *gain = g.of(rows.lane_of(r)), scale = rstd[r];
    const auto row = team.hold([=](auto part) { return Scaled{load(dy + r * d, part) * load_fixed(gain, part), load(x + r * d, part)}; });
    float along = 0;
    row.each([&](auto, const auto& v) { along += total(v.e * v.x); });
    const float factor = team.sum(along) * scale * scale * share;
    row.each([&](auto part, const auto& v) { store(dx + r * d, part, (v.e - v.x * factor) * scale); });
  });
}

// operands dy, x, rstd, g, dx, dg
void rms_norm_backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  if (launch.present(o[4])) backward_input(launch, i);
  if (!launch.present(o[5])) return;
  const float *dy = launch.data<const float>(o[0]), *x = launch.data<const float>(o[1]), *rstd = launch.data<const float>(o[2]);
  const int64_t d = o[0].cols;
  column_sums<float, 1>(launch, o[0], {&o[5]}, rows_aligned<float>(launch, {&o[0], &o[1]}),
                        [=] __device__(int64_t r, auto part, auto* v) { v[0] = load(dy + r * d, part) * (load(x + r * d, part) * rstd[r]); });
}

PRIMER_REGISTER("rms_norm", 4, rms_norm, nullptr, nullptr)
PRIMER_REGISTER("rms_norm_backward", 6, rms_norm_backward, nullptr, column_sums_scratch<0>)

}  // namespace
}  // namespace primer::cuda
