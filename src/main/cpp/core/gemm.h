// Dense products by oneDNN, float32 in and out, in row blocks of a few fixed sizes: the number of primitives (and of generated
// code) is bounded whatever the batches' lengths are. Threads share a product by rows; where rows are few, as when text is
// generated, by columns, so that the weight is read once: with the same bits, and at the sizes of BART-base on two cores 3.4 to
// 4.6 times faster up to 8 rows, 2.2 at 16, 1.1 to 1.5 from there to 64.
// Where B is packed as bf16, A is rounded to bf16 too, a row block at a time; products are summed in float32.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/program.h"

namespace primer {

// A [out, in] weight as the right factor of x W^T (in -> out), or transposed of dy W (out -> in).
struct WeightShape {
  int64_t out, in;
  bool transposed;
  int64_t k() const { return transposed ? out : in; }
  int64_t n() const { return transposed ? in : out; }
};

// Throws when a product of the calling thread has failed since the last call.
void throw_failed_product();

// A weight in a layout other than plain; both throw when that is of bf16 and this process does not compute in it.
int64_t packed_bytes(const WeightShape& shape, Layout layout);
void pack(const WeightShape& shape, Layout layout, const float* weight, void* packed);

class Matmul;

// Neighbouring columns of a product.
struct Columns {
  int64_t first, count;
};

// C [rows, n] = A [rows, k] B (+ bias), for any number of rows.
class RowGemm {
 public:
  static constexpr int64_t kFewRows = 64;
  // Prepares for few rows too where the operand has room for no more than that.
  static constexpr int64_t kFewCapacity = 256;

  // most_rows: the rows that the operand has room for.
  RowGemm(const WeightShape& shape, Layout layout, bool bias, int threads, int64_t most_rows = INT64_MAX);
  ~RowGemm();
  // Rows [begin, end) of A and C, by the calling thread; `tile` has room for tile_bytes().
  void run(int thread, const float* a, const void* b, const float* bias, float* c, int64_t rows, char* tile) const;
  int64_t tile_bytes() const;

  // Whether threads are to share this many rows by columns.
  bool by_columns(int64_t rows) const { return !columns_.empty() && rows <= kFewRows; }
  // A thread's columns; their count may be 0.
  Columns columns(int thread) const { return columns_[static_cast<size_t>(thread)]; }
  // The calling thread's columns of all `rows` <= kFewRows rows.
  void run_columns(int thread, const float* a, const void* b, const float* bias, float* c, int64_t rows, char* tile) const;

 private:
  void prepare_columns(Layout layout, bool bias, int threads);
  // `rows` of A as a product of `block` rows reads them: in place where they are whole and float32, else copied, zeros behind them.
  const void* left(const float* a, int64_t rows, int64_t block, char* tile) const;

  WeightShape shape_;
  bool bf16_;
  int64_t a_bytes_, c_bytes_;                                    // of A's and C's copies in a tile; oneDNN's scratch follows
  std::vector<int64_t> blocks_;
  std::vector<std::unique_ptr<Matmul>> matmuls_;
  std::vector<Columns> columns_;                                 // of each thread; empty without few rows
  std::vector<int64_t> column_bytes_;                            // from B's start to each thread's columns
  std::map<int64_t, std::vector<std::unique_ptr<Matmul>>> few_;  // by number of columns (threads have one of three) and block of kFewBlocks
};

// C [m, n] (+)= A^T B with A [rows, lda] (m of its columns), B [rows, n]; rows in blocks, what is left goes to the caller.
class TransposedGemm {
 public:
  TransposedGemm(int64_t m, int64_t n, int64_t lda, int threads);
  ~TransposedGemm();
  // Returns the number of rows done (a multiple of 16); C is overwritten, or added to, when that is not 0.
  int64_t run(int thread, const float* a, const float* b, float* c, int64_t rows, char* scratch, bool accumulate = false) const;
  int64_t scratch_bytes() const;

 private:
  int64_t lda_, n_;
  std::vector<int64_t> blocks_;
  std::vector<std::unique_ptr<Matmul>> first_, next_;
};

}  // namespace primer
