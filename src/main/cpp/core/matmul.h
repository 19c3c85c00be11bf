// oneDNN's matmul of fixed sizes and the layouts of its factors, for core/gemm.cpp alone.
#pragma once

#include <cstdint>
#include <vector>

#include "core/gemm.h"
#include "dnnl.hpp"

namespace primer {

using Number = dnnl::memory::data_type;

dnnl::memory::desc matrix(int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride, Number number = Number::f32);

// The type of B's numbers, and of A's for it.
Number number_of(Layout layout);
int64_t bytes_of(Number number);

// The layout of a weight for a product: row by row, or packed as oneDNN likes it best.
dnnl::memory::desc weight_desc(const WeightShape& shape, Layout layout);
// Columns that lie together in a layout of B.
int64_t column_block(const dnnl::memory::desc& b);
// A layout for `count` of B's columns: as oneDNN likes it where B is blocked, else with B's strides.
dnnl::memory::desc column_part(const dnnl::memory::desc& b, int64_t k, int64_t count);
bool same_blocks(const dnnl::memory::desc& part, const dnnl::memory::desc& whole);

// One oneDNN matmul of fixed sizes. Each thread has memory objects of its own, whose data pointers it sets per call.
class Matmul {
 public:
  Matmul(const dnnl::memory::desc& a, const dnnl::memory::desc& b, const dnnl::memory::desc& c, bool bias, bool accumulate, int threads);

  int64_t scratch_bytes() const { return scratch_bytes_; }
  void run(int thread, const void* a, const void* b, const float* bias, float* c, char* scratch) const;

 private:
  struct Arguments {
    dnnl::memory a, b, c, bias, scratch;
    dnnl::stream stream;
  };

  dnnl::matmul matmul_;
  std::vector<Arguments> arguments_;
  int64_t scratch_bytes_;
  bool bias_;
};

}  // namespace primer
