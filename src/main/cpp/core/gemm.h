// Dense float32 products by oneDNN, in row blocks of a few fixed sizes: the number of primitives (and of generated
// code) is bounded whatever the batches' lengths are, and threads share a product by rows.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

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

int64_t packed_bytes(const WeightShape& shape);
void pack(const WeightShape& shape, const float* weight, void* packed);

class Matmul;

// C [rows, n] = A [rows, k] B (+ bias), for any number of rows.
class RowGemm {
 public:
  RowGemm(const WeightShape& shape, bool packed, bool bias, int threads);
  ~RowGemm();
  // Rows [begin, end) of A and C, by the calling thread; `tile` has room for tile_bytes().
  void run(int thread, const float* a, const void* b, const float* bias, float* c, int64_t rows, char* tile) const;
  int64_t tile_bytes() const;

 private:
  WeightShape shape_;
  std::vector<int64_t> blocks_;
  std::vector<std::unique_ptr<Matmul>> matmuls_;
};

// C [m, n] (+)= A^T B with A [rows, lda] (m of its columns), B [rows, n]; rows in blocks, what is left goes to the caller.
class TransposedGemm {
 public:
  TransposedGemm(int64_t m, int64_t n, int64_t lda, int threads);
  ~TransposedGemm();
  // Returns the number of rows done (a multiple of 16); C is overwritten when that is not 0.
  int64_t run(int thread, const float* a, const float* b, float* c, int64_t rows, char* scratch) const;
  int64_t scratch_bytes() const;

 private:
  int64_t lda_, n_;
  std::vector<int64_t> blocks_;
  std::vector<std::unique_ptr<Matmul>> first_, next_;
};

}  // namespace primer
