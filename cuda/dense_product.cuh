// Products of rows with a weight that all lanes share, by either of two ways, each chosen and none falling back on the other:
// - a prepacked weight (frozen) by cuBLASLt, in the program's precision, rows beyond the batch's included: those are of no meaning, and
//   nothing reads them. In bf16, x is rounded in a pass of its own, 6 bytes a number. What more an op makes of each sum is a second
//   pass over the result, 8 bytes a number and what it adds.
// - by our own kernels, with what becomes of each sum joined to it: any weight that is not prepacked in float32 (device/gemm.cuh), and
//   where PRIMER_CUDA_PRODUCTS=own prepacked ones in float32 or, on tensor cores, in bf16 (device/tile_gemm.cuh).
// The second pass costs as much as some 1,500 terms of bf16 product do (8 bytes at 4.3 TB/s against 2 FLOP at 790 TFLOP/s), so that
// at BART's widths of 768 to 1024 a kernel that joins both is ahead if it has 0.4 of the library's rate or more: mma.sync has about 0.6 of
// Hopper's. Which it is, is to be measured; until then cuBLASLt is what is taken without a word.
#pragma once

#include "device/bf16.cuh"
#include "device/gemm.cuh"
#include "device/library_products.h"
#include "device/loops.cuh"
#include "device/pack.h"
#include "device/tile_gemm.cuh"

namespace primer::cuda {

enum class Side { forward, backward };  // x W^T, or dy W, of W [out, in]

inline int64_t terms_of(const Operand& w, Side side) { return side == Side::forward ? w.cols : w.rows; }
inline int64_t columns_of_product(const Operand& w, Side side) { return side == Side::forward ? w.rows : w.cols; }
inline bool by_library(const Launch& launch, const Operand& w) { return launch.products && w.layout != Layout::plain; }

// Scratch that a product of rows x needs: their bf16 form.
inline int64_t dense_product_scratch(const Operand& x, const Operand& w) {
  return is_bf16(w) && x.space != Space::none ? x.rows * bf16_stride(x.cols) * static_cast<int64_t>(sizeof(Bf16)) : 0;
}

// All rows of x in bf16, in the instruction's scratch.
inline const Bf16* rounded_rows(const Launch& launch, const Operand& x) {
  Bf16* rounded = reinterpret_cast<Bf16*>(launch.scratch);
  round_rows(launch.stream, launch.data<const float>(x), launch.rows(x).merged(), launch.most_rows(x), x.cols, rounded);
  return rounded;
}

// The library's epilogue adds a bias whose numbers lie as it wants them.
inline bool joins(const float* bias) { return reinterpret_cast<uintptr_t>(bias) % 16 == 0; }

// y = x W^T + bias or x W, by cuBLASLt; bias may be null.
inline void library_product(const Launch& launch, const Operand& x, const Operand& w, Side side, const float* bias, float* y) {
  const bool bf16 = is_bf16(w);
  LibraryProduct p{bf16 ? Precision::bf16 : launch.precision, side == Side::forward, bias != nullptr, launch.most_rows(x), columns_of_product(w, side),
                   terms_of(w, side), x.cols, w.cols};
  if (p.rows == 0) return;
  if (!bf16) return launch.products->run(launch.stream, p, launch.data<const float>(x), launch.data<const float>(w), bias, y);
  p.x_stride = bf16_stride(x.cols);
  p.w_stride = bf16_stride(w.cols);
  launch.products->run(launch.stream, p, rounded_rows(launch, x), launch.data<const Bf16>(w), bias, y);
}

// By our own kernel for bf16 weights: store(lane, row, column, sum) for every sum, and `more` terms in it.
template <class Terms, class S>
void bf16_product(const Launch& launch, const Operand& x, const Operand& w, Side side, Rows rows, Terms more, S store) {
  const TileProduct p{rounded_rows(launch, x), launch.data<const Bf16>(w), bf16_stride(x.cols), bf16_stride(w.cols), rows,
                      static_cast<int32_t>(columns_of_product(w, side)), static_cast<int32_t>(terms_of(w, side))};
  if (side == Side::forward) tile_gemm<true>(launch, p, launch.most_rows(x), more, store);
  else tile_gemm<false>(launch, p, launch.most_rows(x), more, store);
}

// By our own kernel: store(lane, row, column, sum) for every sum.
template <class S>
void own_product(const Launch& launch, const Operand& x, const Operand& w, Side side, Rows rows, S store) {
  if (is_bf16(w)) return bf16_product(launch, x, w, side, rows, NoTerms{}, store);
  const Laned<const float> weight = launch.laned<const float>(w);
  const Factor right = side == Side::forward ? transposed(weight, w.cols) : plain(weight, w.cols);
  const Product product{rows_of(launch.data<const float>(x), x.cols), right, rows, Along::rows, 0, static_cast<int32_t>(columns_of_product(w, side)),
                        static_cast<int32_t>(terms_of(w, side))};
  gemm(launch, product, launch.most_rows(x), store);
}

// store(lane, row, column, sum) for every sum of x W^T or x W. `y` [rows, columns] holds the sums in between where they take two passes:
// store may write there at its own row and column alone. rows: x's, merged where lanes make no difference.
template <class S>
void dense_product(const Launch& launch, const Operand& x, const Operand& w, Side side, Rows rows, float* y, S store) {
  if (!by_library(launch, w)) return own_product(launch, x, w, side, rows, store);
  library_product(launch, x, w, side, nullptr, y);
  const int64_t cols = columns_of_product(w, side);
  const auto number = [=] __device__(int64_t r, int32_t c) { store(rows.lane_of(r), r, c, y[r * cols + c]); };
  launch(numbers_kernel<decltype(number)>, blocks_for_numbers(launch, launch.most_rows(x) * cols), kThreads, 0, rows, static_cast<int32_t>(cols), number);
}

// y = x W^T or x W.
inline void dense_product(const Launch& launch, const Operand& x, const Operand& w, Side side, Rows rows, float* y) {
  if (by_library(launch, w)) return library_product(launch, x, w, side, nullptr, y);
  const int64_t cols = columns_of_product(w, side);
  own_product(launch, x, w, side, rows, [=] __device__(int32_t, int64_t r, int32_t c, float sum) { y[r * cols + c] = sum; });
}

}  // namespace primer::cuda
