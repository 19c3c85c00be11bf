// Products of rows with dense weights, frozen or trained, and the gradients of such weights, in the program's precision, by either of two
// ways, each chosen and none falling back on the other:
// - where one product serves all lanes (they share the weight, or there is one lane) by cuBLASLt, rows beyond the batch's included: those of a
//   result are of no meaning, and nothing reads them; where rows are the terms of a sum they are zeros (below). What more an op makes of each sum
//   is a second pass over the result, 8 bytes a number and what it adds.
// - by our own kernels, with what becomes of each sum joined to it: where each lane has a weight of its own, and where
//   PRIMER_CUDA_PRODUCTS=own all of them. In bf16 on tensor cores (device/tile_gemm.cuh), else in float32 FMA (device/gemm.cuh), tf32 included.
// In bf16 all factors are rounded in passes of their own, 6 bytes a number: the rows, and a weight that is kept in float32 because it is trained,
// for every product anew, as it changes with every step. Memory, gradients and sums stay float32.
// The second pass costs as much as some 735 terms of bf16 product do (8 bytes at 4.3 TB/s against 2 FLOP at 790 TFLOP/s), so that
// at BART's widths of 768 to 1024 a kernel that joins both is ahead if it has 0.51 to 0.58 of the library's rate or more: mma.sync has about 0.6 of
// Hopper's. Which it is, is to be measured; until then cuBLASLt is what is taken without a word.
#pragma once

#include "device/bf16.cuh"
#include "device/gemm.cuh"
#include "device/library_products.h"
#include "device/loops.cuh"
#include "device/pack.h"
#include "device/pieces.h"
#include "device/tile_gemm.cuh"

namespace primer::cuda {

enum class Side { forward, backward };  // x W^T, or dy W, of W [out, in]

inline int64_t terms_of(const Operand& w, Side side) { return side == Side::forward ? w.cols : w.rows; }
inline int64_t columns_of_product(const Operand& w, Side side) { return side == Side::forward ? w.rows : w.cols; }
inline bool one_for_all(const Operand& w, int64_t lanes) { return w.lane_stride == 0 || lanes == 1; }
inline bool by_library(const Launch& launch, const Operand& w) { return launch.products && one_for_all(w, launch.lanes); }
inline bool in_bf16(const Launch& launch) { return launch.precision == Precision::bf16; }

// The rows that go through a product together: every lane's, or those of all lanes.
inline Rows parts(const Launch& launch, const Operand& x, bool one_part) { return one_part ? launch.rows(x).merged() : launch.rows(x); }

// The bf16 forms of a product's factors in the instruction's scratch: rows, and a weight that is kept in float32, or other rows.
struct RoundedFactors {
  Bf16 *x, *w;
  RoundedFactors(Pieces& pieces, const Operand& rows, const Operand& weight, int64_t lanes)
      : x(pieces.take<Bf16>(rows.rows * bf16_stride(rows.cols))),
        w(is_bf16(weight) ? nullptr : pieces.take<Bf16>((one_for_all(weight, lanes) ? 1 : lanes) * weight.rows * bf16_stride(weight.cols))) {}
};

// Scratch of a product of rows x, which may be left out.
inline int64_t dense_product_scratch(const Operand& x, const Operand& w, int64_t lanes, Precision precision) {
  if (precision != Precision::bf16 || x.space == Space::none) return 0;
  Pieces pieces(nullptr);
  const RoundedFactors factors(pieces, x, w, lanes);
  return pieces.bytes();
}

inline RoundedFactors rounded_factors(const Launch& launch, const Operand& x, const Operand& w) {
  Pieces pieces(launch.scratch);
  return {pieces, x, w, launch.lanes};
}

// All rows of x in bf16, zeros in those beyond the batch's.
inline const Bf16* rounded_rows(const Launch& launch, const Operand& x, Bf16* to) {
  round_rows(launch.stream, launch.data<const float>(x), launch.rows(x).merged(), launch.most_rows(x), x.cols, to);
  return to;
}

// Every lane's copy of a weight in bf16.
inline Laned<const Bf16> rounded_weight(const Launch& launch, const Operand& w, Bf16* to) {
  if (is_bf16(w)) return {launch.data<const Bf16>(w), 0};
  const bool one = one_for_all(w, launch.lanes);
  round_copies(launch.stream, launch.laned<const float>(w), one ? 1 : launch.lanes, w.rows, w.cols, to);
  return {to, one ? 0 : w.rows * bf16_stride(w.cols)};
}

// The library's epilogue adds a bias whose numbers lie as it wants them.
inline bool joins(const float* bias) { return reinterpret_cast<uintptr_t>(bias) % 16 == 0; }

// y = x W^T + bias or x W, by cuBLASLt; bias may be null.
inline void library_product(const Launch& launch, const Operand& x, const Operand& w, Side side, const float* bias, float* y) {
  LibraryProduct p{launch.precision, side == Side::forward, bias != nullptr, launch.most_rows(x), columns_of_product(w, side), terms_of(w, side), x.cols, w.cols};
  if (p.rows == 0) return;
  if (!in_bf16(launch)) return launch.products->run(launch.stream, p, launch.data<const float>(x), launch.data<const float>(w), bias, y);
  p.x_stride = bf16_stride(x.cols);
  p.w_stride = bf16_stride(w.cols);
  const RoundedFactors to = rounded_factors(launch, x, w);
  launch.products->run(launch.stream, p, rounded_rows(launch, x, to.x), rounded_weight(launch, w, to.w).data, bias, y);
}

// By our own kernel in bf16: store(lane, row, column, sum) for every sum, and `more` terms in it.
template <class Terms, class S>
void bf16_product(const Launch& launch, const Operand& x, const Operand& w, Side side, Rows rows, Terms more, S store) {
  const RoundedFactors to = rounded_factors(launch, x, w);
  const Laned<const Bf16> weight = rounded_weight(launch, w, to.w);
  const TileProduct p{rounded_rows(launch, x, to.x), weight.data, bf16_stride(x.cols), bf16_stride(w.cols), rows,
                      static_cast<int32_t>(columns_of_product(w, side)), static_cast<int32_t>(terms_of(w, side)), weight.stride};
  if (side == Side::forward) tile_gemm<true>(launch, p, launch.most_rows(x), more, store);
  else tile_gemm<false>(launch, p, launch.most_rows(x), more, store);
}

// By our own kernel: store(lane, row, column, sum) for every sum.
template <class S>
void own_product(const Launch& launch, const Operand& x, const Operand& w, Side side, Rows rows, S store) {
  if (in_bf16(launch)) return bf16_product(launch, x, w, side, rows, NoTerms{}, store);
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
