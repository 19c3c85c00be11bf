// add_layer_norm (Ba et al. 2016, eq. 4): y = g * n + b, n = (x + w - mean) * rstd over each row, rstd = 1/sqrt(var + eps).
//   x, w [T, d] (w, the residual, may be left out), g, b [1, d] shared or one copy a lane -> y [T, d], n [T, d], rstd [T, 1].
// add_layer_norm_backward, with e = dy * g:
//   dx = dw = rstd (e - mean(e) - n mean(e n)), dg = sum dy n, db = sum dy.   All overwrite; each may be left out.
//   Saved: n, rstd. Accumulation: float32, a row by a warp or block; dg and db float64 (device/column_sums.cuh).
// Floor: bytes; forward 16 a number with a residual, backward 12 and, for dg and db, 8 more.
#include "device/column_sums.cuh"
#include "device/kernel.h"
#include "device/whole_rows.cuh"

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
  const float eps = static_cast<float>(i.reals[0]), share = 1.0f / static_cast<float>(d);
  const bool wide = rows_aligned<float>(launch, {&o[0], &o[1], &o[2], &o[3], &o[4], &o[5]});
  for_whole_rows<float>(launch, o[0], wide, [=] __device__(int64_t r, auto team) {
    const int32_t lane = rows.lane_of(r);
    const float *gain = g.of(lane), *bias = b.of(lane);
    const auto row = team.hold([=](auto part) { return w ? load(x + r * d, part) + load(w + r * d, part) : load(x + r * d, part); });
    float sum = 0, squares = 0;
    row.each([&](auto, const auto& v) { sum += total(v); });
    const float mean = team.sum(sum) * share;
    row.each([&](auto, const auto& v) { squares += total((v - mean) * (v - mean)); });
    const float scale = 1.0f / ::sqrtf(team.sum(squares) * share + eps);
    if (team.leads()) rstd[r] = scale;
    row.each([&](auto part, const auto& v) {
      const auto normal = (v - mean) * scale;
      store(n + r * d, part, normal);
      store(y + r * d, part, normal * load_fixed(gain, part) + load_fixed(bias, part));
    });
  });
}

template <class V>
struct Scaled {
  V e, n;
};

void backward_input(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[0]), *n = launch.data<const float>(o[1]), *rstd = launch.data<const float>(o[2]);
  const Laned<const float> g = launch.laned<const float>(o[3]);
  float* dx = launch.data<float>(o[4]);
  const Rows rows = launch.rows(o[0]);
  const int64_t d = o[0].cols;
  const float share = 1.0f / static_cast<float>(d);
  const bool wide = rows_aligned<float>(launch, {&o[0], &o[1], &o[3], &o[4]});
  for_whole_rows<float>(launch, o[0], wide, [=] __device__(int64_t r, auto team) {
    const float *gain = g.of(rows.lane_of(r)), scale = rstd[r];
    const auto row = team.hold([=](auto part) { return Scaled{load(dy + r * d, part) * load_fixed(gain, part), load(n + r * d, part)}; });
    float mean = 0, mean_n = 0;
    row.each([&](auto, const auto& v) {
      mean += total(v.e);
      mean_n += total(v.e * v.n);
    });
    mean = team.sum(mean) * share;
    mean_n = team.sum(mean_n) * share;
    row.each([&](auto part, const auto& v) { store(dx + r * d, part, (v.e - mean - v.n * mean_n) * scale); });
  });
}

// dg and db, each of which may be left out.
void backward_parameters(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[0]), *n = launch.data<const float>(o[1]);
  const int64_t d = o[0].cols;
  const bool wide = rows_aligned<float>(launch, {&o[0], &o[1]}), gain = launch.present(o[5]);
  column_sums<float, 2>(launch, o[0], {&o[5], &o[6]}, wide, [=] __device__(int64_t r, auto part, auto* v) {
    v[1] = load(dy + r * d, part);
    v[0] = gain ? v[1] * load(n + r * d, part) : v[1];
  });
}

// operands dy, n, rstd, g, dx, dg, db
void add_layer_norm_backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  if (launch.present(o[4])) backward_input(launch, i);
  if (launch.present(o[5]) || launch.present(o[6])) backward_parameters(launch, i);
}

PRIMER_REGISTER("add_layer_norm", 7, add_layer_norm, nullptr, nullptr)
PRIMER_REGISTER("add_layer_norm_backward", 7, add_layer_norm_backward, nullptr, column_sums_scratch<0>)

}  // namespace
}  // namespace primer::cuda
