// add_layer_norm (Ba et al. 2016, eq. 4): y = g * n + b, n = (x + w - mean) * rstd over each row, rstd = 1/sqrt(var + eps).
//   x, w [T, d] (w, the residual, may be left out), g, b [1, d] shared or one copy a lane -> y [T, d], n [T, d], rstd [T, 1].
// add_layer_norm_backward, with e = dy * g:
//   dx = dw = rstd (e - mean(e) - n mean(e n)), dg = sum dy n, db = sum dy.   All overwrite; each may be left out.
//   Saved: n, rstd. Accumulation: float32; a row by a warp, dg and db in column sums.
// Floor: bytes; forward 16 a number with a residual, backward 12 and, for dg and db, 8 more.
#include "device/column_sums.cuh"
#include "device/kernel.h"

namespace primer::cuda {
namespace {

struct Norm {
  const float *x, *w;
  Laned<const float> g, b;
  float *y, *n, *rstd;
  Rows rows;
  int32_t d;
  float eps;
};

__device__ int64_t first_row() { return first_number() / kWarp; }
__device__ int64_t row_step() { return number_step() / kWarp; }
__device__ int32_t lane_id() { return static_cast<int32_t>(threadIdx.x % kWarp); }

// A warp a row.
__global__ void add_layer_norm_kernel(Norm o) {
  for (int64_t r = first_row(); r < o.rows.total(); r += row_step()) {
    float sum = 0, squares = 0;
    float* n = o.n + r * o.d;
    for (int32_t c = lane_id(); c < o.d; c += kWarp) {
      const float v = o.w ? o.x[r * o.d + c] + o.w[r * o.d + c] : o.x[r * o.d + c];
      n[c] = v;
      sum += v;
    }
    const float mean = warp_sum(sum) / static_cast<float>(o.d);
    for (int32_t c = lane_id(); c < o.d; c += kWarp) squares += (n[c] - mean) * (n[c] - mean);
    const float rstd = 1.0f / ::sqrtf(warp_sum(squares) / static_cast<float>(o.d) + o.eps);
    if (lane_id() == 0) o.rstd[r] = rstd;
    const int32_t lane = o.rows.offsets ? o.rows.lane_of(static_cast<int32_t>(r)) : 0;
    for (int32_t c = lane_id(); c < o.d; c += kWarp) {
      const float v = (n[c] - mean) * rstd;
      n[c] = v;
      o.y[r * o.d + c] = v * o.g.of(lane)[c] + o.b.of(lane)[c];
    }
  }
}

// operands x, w, g, b, y, n, rstd; reals eps
void add_layer_norm(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  launch(add_layer_norm_kernel, blocks_for_numbers(launch, launch.most_rows(o[0]) * kWarp), kThreads, 0,
         Norm{launch.data<const float>(o[0]), launch.data<const float>(o[1]), launch.laned<const float>(o[2]), launch.laned<const float>(o[3]),
              launch.data<float>(o[4]), launch.data<float>(o[5]), launch.data<float>(o[6]), launch.rows(o[0]), static_cast<int32_t>(o[0].cols),
              static_cast<float>(i.reals[0])});
}

__global__ void backward_kernel(const float* dy, const float* n, const float* rstd, Laned<const float> g, float* dx, Rows rows, int32_t d) {
  for (int64_t r = first_row(); r < rows.total(); r += row_step()) {
    const float *gain = g.of(rows.offsets ? rows.lane_of(static_cast<int32_t>(r)) : 0), *e = dy + r * d, *normed = n + r * d;
    float mean = 0, mean_n = 0;
    for (int32_t c = lane_id(); c < d; c += kWarp) {
      mean += e[c] * gain[c];
      mean_n += e[c] * gain[c] * normed[c];
    }
    mean = warp_sum(mean) / static_cast<float>(d);
    mean_n = warp_sum(mean_n) / static_cast<float>(d);
    for (int32_t c = lane_id(); c < d; c += kWarp) dx[r * d + c] = rstd[r] * (e[c] * gain[c] - mean - normed[c] * mean_n);
  }
}

struct Product {
  const float *dy, *n;
  int64_t d;
  __device__ float operator()(int64_t row, int64_t col) const { return dy[row * d + col] * n[row * d + col]; }
};

struct Plain {
  const float* dy;
  int64_t d;
  __device__ float operator()(int64_t row, int64_t col) const { return dy[row * d + col]; }
};

// operands dy, n, rstd, g, dx, dg, db
void add_layer_norm_backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[0]), *n = launch.data<const float>(o[1]);
  const int64_t d = o[0].cols;
  if (launch.present(o[4])) {
    launch(backward_kernel, blocks_for_numbers(launch, launch.most_rows(o[0]) * kWarp), kThreads, 0, dy, n, launch.data<const float>(o[2]),
           launch.laned<const float>(o[3]), launch.data<float>(o[4]), launch.rows(o[0]), static_cast<int32_t>(d));
  }
  if (launch.present(o[5])) column_sums<float>(launch, Product{dy, n, d}, launch.rows(o[0]), launch.laned<float>(o[5]), d);
  if (launch.present(o[6])) column_sums<float>(launch, Plain{dy, d}, launch.rows(o[0]), launch.laned<float>(o[6]), d);
}

PRIMER_REGISTER("add_layer_norm", 7, add_layer_norm, nullptr, nullptr)
PRIMER_REGISTER("add_layer_norm_backward", 7, add_layer_norm_backward, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
