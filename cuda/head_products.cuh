// The products of a language-model head, a chunk of the vocabulary at a time, in the program's precision: of bf16 on tensor cores by cuBLASLt
// or, where each lane has a head of its own and where PRIMER_CUDA_PRODUCTS=own, by our own kernel; of TF32 by cuBLASLt; else of float32 in FMA.
// A head of each lane's own is float32 where others are TF32. Frozen words lie there in bf16, trained ones are rounded chunk by chunk.
// Sums are float32. Rows beyond the batch's may be computed too: they are of no meaning.
//
// Logits written once and read once, against a kernel that keeps them, for T = 256 rows of BART-base's head (V 50,265, d 768) in bf16: what is
// kept must be mixed where it is, and a tile of 64 rows' mixture is 64 x 768 floats, 192 KiB of a multiprocessor's 256 KiB of registers: such a
// kernel has 4 tiles of rows and shares words out to fill a device, 33 ways, whose mixtures of 26 MB it then adds up. Logits are 51 MB written
// and 51 MB read, their factors 26 MB each way in bf16, 154 MB in the L2 at some 5.5 TB/s, 28 us beside 50 us of products (39.5 GFLOP at
// 790 TFLOP/s) and 18 us of W (77 MB). The library's products of large tiles are worth that. FLOP are the same.
#pragma once

#include "dense_product.cuh"
#include "device/pieces.h"
#include "device/vector.cuh"
#include "head.cuh"

namespace primer::cuda {

// Rows of numbers as products take them: float32 or bf16, the other is null.
struct Factors {
  const float* f32;
  const Bf16* bf16;
  int64_t stride;
  const void* numbers() const { return f32 ? static_cast<const void*>(f32) : bf16; }
};

// Where such rows are made.
struct Matrix {
  float* f32;
  Bf16* bf16;
  int64_t stride;

  operator Factors() const { return {f32, bf16, stride}; }
  __device__ float at(int64_t r, int64_t c) const { return f32 ? f32[r * stride + c] : to_float(bf16[r * stride + c]); }
  __device__ void put(int64_t r, int64_t c, float v) const {
    if (f32) f32[r * stride + c] = v;
    else bf16[r * stride + c] = to_bf16(v);
  }
  // Whole parts of rows that are multiples of 4 long.
  __device__ void put(int64_t r, Part<4> part, const Vector<float, 4>& v) const {
    if (f32) store(f32 + r * stride, part, v);
    else *reinterpret_cast<uint2*>(bf16 + r * stride + part.c) = {bf16_pair(v.n[0], v.n[1]), bf16_pair(v.n[2], v.n[3])};
  }
};

inline Matrix take_matrix(Pieces& pieces, Precision precision, int64_t rows, int64_t cols) {
  if (precision != Precision::bf16) return {pieces.take<float>(rows * cols), nullptr, cols};
  return {nullptr, pieces.take<Bf16>(rows * bf16_stride(cols)), bf16_stride(cols)};
}

// The factors of a chunk's words: in float32 they take the place of the logits.
inline Matrix take_factors(Pieces& pieces, Precision precision, int64_t rows, int64_t words, float* logits) {
  return precision == Precision::bf16 ? take_matrix(pieces, precision, rows, words) : Matrix{logits, nullptr, words};
}

// W's numbers, or those of its tangent, as products read them.
struct WordReader {
  Laned<const float> f32;
  Laned<const Bf16> bf16;
  int64_t stride;
  bool rounded;
  __device__ float at(int32_t lane, int64_t word, int64_t c) const {
    if (bf16) return to_float(bf16.of(lane)[word * stride + c]);
    const float v = f32.of(lane)[word * stride + c];
    return rounded ? to_float(to_bf16(v)) : v;
  }
  __device__ explicit operator bool() const { return f32 || bf16; }
};

inline WordReader reader_of(const Launch& launch, const Operand& weight) {
  if (is_bf16(weight)) return {{nullptr, 0}, launch.laned<const Bf16>(weight), bf16_stride(weight.cols), false};
  return {launch.laned<const float>(weight), {nullptr, 0}, weight.cols, launch.precision == Precision::bf16};
}

// Words of a chunk as products take them, row by row.
struct Words {
  Laned<const float> f32;
  Laned<const Bf16> bf16;
  int64_t stride, d;
  bool one;  // for all lanes
  const void* numbers() const { return f32.data ? static_cast<const void*>(f32.data) : bf16.data; }
};

// Scratch for the rounded words of a chunk, of every copy; null where they are in bf16 or are not rounded.
inline Bf16* take_words(Pieces& pieces, Precision precision, const Operand& weight, int64_t words, int64_t lanes) {
  const bool rounds = weight.space != Space::none && precision == Precision::bf16 && !is_bf16(weight);
  return pieces.take<Bf16>(rounds ? (one_for_all(weight, lanes) ? 1 : lanes) * words * bf16_stride(weight.cols) : 0);
}

inline Words words_of(const Launch& launch, const Operand& weight, const Chunk& chunk, Bf16* rounded) {
  const int64_t d = weight.cols, stride = bf16_stride(d), copy = chunk.count * stride;
  const bool one = one_for_all(weight, launch.lanes);
  const Laned<const float> none{nullptr, 0};
  if (is_bf16(weight)) return {none, {launch.data<const Bf16>(weight) + chunk.first * stride, 0}, stride, d, one};
  const Laned<const float> all = launch.laned<const float>(weight), plain{all.data + chunk.first * d, all.stride};
  if (!in_bf16(launch)) return {plain, {nullptr, 0}, d, d, one};
  round_copies(launch.stream, plain, one ? 1 : launch.lanes, chunk.count, d, rounded);
  return {none, {rounded, one ? 0 : copy}, stride, d, one};
}

// One product for all lanes' rows is cuBLASLt's in bf16 and TF32.
inline bool by_library(const Launch& launch, const Words& words) { return launch.products && words.one && launch.precision != Precision::f32; }

inline Rows product_rows(const HeadRows& rows, const Words& words) { return words.one ? rows.rows.merged() : rows.rows; }

inline void run_library(const Launch& launch, const LibraryProduct& product, const void* x, const void* w, float* y) {
  if (product.rows != 0) launch.products->run(launch.stream, product, x, w, nullptr, y);
}

// logits [rows, chunk.stride] (+)= x W^T of a chunk, without the bias.   Accumulation: over d.
inline void chunk_logits(const Launch& launch, const HeadRows& rows, const Factors& x, const Words& words, const Chunk& chunk, float* logits, bool add = false) {
  const int64_t stride = chunk.stride;
  const Rows of_product = product_rows(rows, words);
  if (by_library(launch, words)) {
    return run_library(launch, {launch.precision, true, false, rows.most, chunk.count, words.d, x.stride, words.stride, stride, false, add}, x.numbers(),
                       words.numbers(), logits);
  }
  const auto put = [=] __device__(int32_t, int64_t r, int32_t v, float sum) {
    float& to = logits[r * stride + v];
    to = add ? to + sum : sum;
  };
  const int32_t d = static_cast<int32_t>(words.d);
  if (x.f32) return gemm(launch, {rows_of(x.f32, x.stride), transposed(words.f32, words.stride), of_product, Along::rows, 0, chunk.count, d}, rows.most, put);
  tile_gemm<true>(launch, {x.bf16, words.bf16.data, x.stride, words.stride, of_product, chunk.count, d, words.bf16.stride}, rows.most, NoTerms{}, put);
}

// A chunk's logits with their bias.
struct BiasedLogits {
  const float* logits;
  Laned<const float> bias;
  Chunk chunk;

  // Whose bias a row has.
  __device__ int32_t lane_of(const Rows& rows, int64_t r) const { return bias.stride == 0 ? 0 : rows.lane_of(r); }
  __device__ __forceinline__ float at(int64_t r, int32_t lane, int32_t v) const {
    const float z = logits[r * chunk.stride + v];
    return bias ? z + bias.of(lane)[chunk.first + v] : z;
  }
  // Four neighbours; beyond the chunk's words they are as said.
  __device__ __forceinline__ Vector<float, 4> at(int64_t r, int32_t lane, Part<4> part, float beyond) const {
    Vector<float, 4> z = load(logits + r * chunk.stride, part);
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const int v = part.c + e;
      if (v >= chunk.count) z.n[e] = beyond;
      else if (bias) z.n[e] += bias.of(lane)[chunk.first + v];
    }
    return z;
  }
};

// Few rows have few tiles of sums: their words are then added up in parts, of which there are so many that tiles fill a device.
constexpr int64_t kMixTile = 64, kMixTiles = 256, kMostMixParts = 8, kLeastMixWords = 512;

inline int64_t mix_tiles(int64_t rows, int64_t d) { return ceil_div(rows < 1 ? 1 : rows, kMixTile) * ceil_div(d, kMixTile); }

inline int32_t mix_parts(int64_t rows, const Chunk& chunk, int64_t d) {
  const int64_t filling = kMixTiles / mix_tiles(rows, d), most = filling < kMostMixParts ? filling : kMostMixParts;
  const int64_t wanted = ceil_div(chunk.count, kLeastMixWords) < most ? ceil_div(chunk.count, kLeastMixWords) : most;
  return static_cast<int32_t>(wanted < 1 ? 1 : wanted);
}

// For the parts' sums [parts][rows, d].
inline float* take_mix_parts(Pieces& pieces, int64_t rows, int64_t d) {
  const int64_t tiles = mix_tiles(rows, d);
  return pieces.take<float>((tiles < kMixTiles ? kMixTiles : tiles) * kMixTile * kMixTile);
}

// store(row, column, sum over a chunk's words of factors [rows, words] W), factors beyond the chunk's words are 0.
// Accumulation: over words; a part's sums in ascending order of the parts.
template <class S>
void chunk_mix(const Launch& launch, const HeadRows& rows, const Factors& factors, const Words& words, const Chunk& chunk, float* sums, S store) {
  const int64_t d = words.d, most = rows.most;
  const bool library = by_library(launch, words);
  const int32_t parts = library ? 1 : mix_parts(most, chunk, d), cols = static_cast<int32_t>(d);
  const auto put = [=] __device__(int32_t copy, int64_t r, int32_t c, float sum) { sums[(copy % parts * most + r) * d + c] = sum; };
  if (library) {
    run_library(launch, {launch.precision, false, false, most, d, chunk.count, factors.stride, words.stride}, factors.numbers(), words.numbers(), sums);
  } else if (factors.f32) {
    gemm(launch,
         {rows_of(factors.f32, factors.stride), plain(words.f32, words.stride), product_rows(rows, words), Along::rows, 0, cols, chunk.count, parts}, most, put);
  } else {
    tile_gemm<false>(launch,
                     {factors.bf16, words.bf16.data, factors.stride, words.stride, product_rows(rows, words), cols, chunk.count, words.bf16.stride, parts},
                     most, NoTerms{}, put);
  }
  const auto fold = [=] __device__(int64_t r, int32_t c) {
    float sum = sums[r * d + c];
    for (int32_t p = 1; p < parts; ++p) sum += sums[(p * most + r) * d + c];
    store(r, c, sum);
  };
  launch(numbers_kernel<decltype(fold)>, blocks_for_numbers(launch, most * d), kThreads, 0, rows.rows, cols, fold);
}

// Copies of a gradient: the rows of each lane, or of all lanes for one that they share.
inline Rows copies_of(const Launch& launch, Rows rows, const Operand& gradient) { return one_for_all(gradient, launch.lanes) ? rows.merged() : rows; }

// dW of a chunk's words (+)= factors [rows, words]^T x [rows, d]; rows beyond the batch's are 0 in both.   Accumulation: over rows.
inline void chunk_outer(const Launch& launch, const HeadRows& rows, const Factors& factors, const Factors& x, const Chunk& chunk, const Operand& dw, bool add = false) {
  const Laned<float> to = launch.laned<float>(dw);
  const Rows copies = copies_of(launch, rows.rows, dw);
  const int64_t d = dw.cols;
  if (launch.products && copies.lanes == 1 && launch.precision != Precision::f32) {
    return run_library(launch, {launch.precision, false, false, chunk.count, d, rows.most, factors.stride, x.stride, d, true, add}, factors.numbers(), x.numbers(),
                       to.data + chunk.first * d);
  }
  const auto put = [=] __device__(int32_t lane, int64_t v, int32_t c, float sum) {
    float& out = to.of(lane)[(chunk.first + v) * d + c];
    out = add ? out + sum : sum;
  };
  const int32_t cols = static_cast<int32_t>(d);
  if (x.f32) {
    return gemm(launch, {columns_of(factors.f32, factors.stride), columns_of(x.f32, x.stride), copies, Along::terms, chunk.count, cols, 0}, 0, put);
  }
  tile_outer(launch, {factors.bf16, x.bf16, factors.stride, x.stride, copies, cols, chunk.count}, put);
}

}  // namespace primer::cuda
