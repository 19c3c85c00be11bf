// The gradient of a dense weight: W (+)= a^T b, whose terms are rows, of each lane, or of all lanes for a W that they share; by the ways that
// dense_product.cuh has. cuBLASLt sums over all rows of the bucket, so that a captured graph serves every batch of it; those beyond the batch's hold
// whatever was there before, and are zeros in both factors for it: in bf16 the rounding writes them, else they are written over in
// place, which is allowed because nothing reads such rows of a value, and the plan gives them to no other value while it lives.
// Accumulation: float32; our own kernels take rows in ascending order, the library in an order that is fixed for a shape.
#pragma once

#include "dense_product.cuh"

namespace primer::cuda {

// The rows beyond a batch's, of which there are few: buckets lie close to each other.
constexpr int64_t kFewOfRows = 8;

struct Clearing {
  float* x;
  int64_t cols;
};

static __global__ void __launch_bounds__(kThreads) clear_beyond_kernel(Rows rows, int64_t most_rows, Clearing a, Clearing b) {
  const Clearing of = blockIdx.y == 0 ? a : b;
  for (int64_t e = rows.total() * of.cols + first_number(); e < most_rows * of.cols; e += number_step()) of.x[e] = 0;
}

// Zeros in the rows of a and b, which have the same rows, beyond the batch's.
inline void clear_beyond(const Launch& launch, const Operand& a, const Operand& b) {
  if (a.axis < 0) return;
  if (a.space != Space::arena || b.space != Space::arena) throw std::runtime_error("a gradient of rows that do not lie in the program's arena");
  const int64_t most = launch.most_rows(a), widest = a.cols > b.cols ? a.cols : b.cols;
  launch(clear_beyond_kernel, dim3(blocks_for_numbers(launch, ceil_div(most * widest, kFewOfRows)), 2), kThreads, 0, launch.rows(a), most,
         Clearing{launch.data<float>(a), a.cols}, Clearing{launch.data<float>(b), b.cols});
}

inline void library_gradient(const Launch& launch, const Operand& a, const Operand& b, bool accumulate, float* w) {
  LibraryProduct p{launch.precision, false, false, a.cols, b.cols, launch.most_rows(a), a.cols, b.cols};
  p.x_transposed = true;
  p.accumulate = accumulate;
  if (!in_bf16(launch)) {
    clear_beyond(launch, a, b);
    return launch.products->run(launch.stream, p, launch.data<const float>(a), launch.data<const float>(b), nullptr, w);
  }
  p.x_stride = bf16_stride(a.cols);
  p.w_stride = bf16_stride(b.cols);
  const RoundedFactors to = rounded_factors(launch, a, b);
  launch.products->run(launch.stream, p, rounded_rows(launch, a, to.x), rounded_rows(launch, b, to.w), nullptr, w);
}

// W [m, n] = a^T b of a [T, m] and b [T, n], or added to what is there. Scratch: that of a product of the two (dense_product_scratch).
inline void dense_gradient(const Launch& launch, const Operand& a, const Operand& b, const Operand& w, bool accumulate = false) {
  const Laned<float> to = launch.laned<float>(w);
  if (by_library(launch, w)) return library_gradient(launch, a, b, accumulate, to.data);
  const Rows rows = parts(launch, a, one_for_all(w, launch.lanes));
  const int64_t n = b.cols;
  const int32_t outer = static_cast<int32_t>(a.cols), inner = static_cast<int32_t>(n);
  const auto put = [=] __device__(int32_t lane, int64_t r, int32_t c, float sum) {
    float& number = to.of(lane)[r * n + c];
    number = accumulate ? number + sum : sum;
  };
  if (in_bf16(launch)) {
    const RoundedFactors rounded = rounded_factors(launch, a, b);
    return tile_outer(launch, {rounded_rows(launch, a, rounded.x), rounded_rows(launch, b, rounded.w), bf16_stride(a.cols), bf16_stride(n), rows, inner, outer}, put);
  }
  gemm(launch, {columns_of(launch.data<const float>(a), a.cols), columns_of(launch.data<const float>(b), n), rows, Along::terms, outer, inner, 0}, 0, put);
}

}  // namespace primer::cuda
