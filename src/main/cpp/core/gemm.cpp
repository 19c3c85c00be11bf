#include "core/gemm.h"

#include <algorithm>
#include <cstring>

#include "core/bf16.h"
#include "core/matmul.h"

namespace primer {
namespace {

// Row blocks for few rows: one of them holds all.
constexpr int64_t kFewBlocks[] = {8, 16, 24, 32, 48, 64};

// A plain weight is repacked by oneDNN in every call, so it gets larger blocks to spread that cost over.
std::vector<int64_t> row_blocks(Layout layout) {
  return layout == Layout::plain ? std::vector<int64_t>{512, 128, 64, 32, 16} : std::vector<int64_t>{128, 64, 32, 16};
}

constexpr int64_t aligned(int64_t bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace

RowGemm::RowGemm(const WeightShape& shape, Layout layout, bool bias, int threads, int64_t most_rows)
    : shape_(shape), bf16_(layout == Layout::packed_bf16), blocks_(row_blocks(layout)) {
  const dnnl::memory::desc b = weight_desc(shape, layout);
  const int64_t k = shape.k(), n = shape.n();
  for (const int64_t rows : blocks_) {
    matmuls_.push_back(std::make_unique<Matmul>(matrix(rows, k, k, 1, number_of(layout)), b, matrix(rows, n, n, 1), bias, false, threads));
  }
  if (threads > 1 && most_rows <= kFewCapacity) prepare_columns(layout, bias, threads);
  // A's copy is of bf16 in every block, else of the last, incomplete one; C's is of the last.
  const int64_t last = columns_.empty() ? blocks_.back() : kFewRows;
  a_bytes_ = aligned(bf16_ ? blocks_.front() * k * 2 : last * k * 4);
  c_bytes_ = aligned(last * n * 4);
}

// B's layout is cut where its blocks of columns end; where oneDNN lays a part of it out in another way, rows are shared after all.
void RowGemm::prepare_columns(Layout layout, bool bias, int threads) {
  const Number number = number_of(layout);
  const dnnl::memory::desc whole = weight_desc(shape_, layout);
  const int64_t block = column_block(whole), k = shape_.k(), n = shape_.n(), blocks = (n + block - 1) / block;
  for (int t = 0; t < threads; ++t) {
    const int64_t first = std::min(n, blocks * t / threads * block), end = std::min(n, blocks * (t + 1) / threads * block);
    columns_.push_back({first, end - first});
    column_bytes_.push_back(first / block * whole.get_strides()[1] * bytes_of(number));
    auto& few = few_[end - first];
    if (first == end || !few.empty()) continue;
    const dnnl::memory::desc part = column_part(whole, k, end - first);
    if (!same_blocks(part, whole)) {
      columns_.clear();
      few_.clear();
      return;
    }
    for (const int64_t rows : kFewBlocks) {
      few.push_back(std::make_unique<Matmul>(matrix(rows, k, k, 1, number), part, matrix(rows, end - first, n, 1), bias, false, threads));
    }
  }
}

const void* RowGemm::left(const float* a, int64_t rows, int64_t block, char* tile) const {
  if (!bf16_ && rows == block) return a;
  const int64_t k = shape_.k(), bytes = bf16_ ? 2 : 4;
  if (bf16_) {
    to_bf16(a, reinterpret_cast<uint16_t*>(tile), rows * k);
  } else {
    std::memcpy(tile, a, static_cast<size_t>(rows * k) * 4);
  }
  std::memset(tile + rows * k * bytes, 0, static_cast<size_t>((block - rows) * k * bytes));
  return tile;
}

void RowGemm::run_columns(int thread, const float* a, const void* b, const float* bias, float* c, int64_t rows, char* tile) const {
  const size_t t = static_cast<size_t>(thread);
  const auto [first, count] = columns_[t];
  if (count == 0 || rows == 0) return;
  size_t which = 0;
  while (kFewBlocks[which] < rows) ++which;
  const int64_t n = shape_.n(), block = kFewBlocks[which];
  float* last_c = reinterpret_cast<float*>(tile + a_bytes_);
  float* out = (block == rows ? c : last_c) + first;
  few_.at(count)[which]->run(thread, left(a, rows, block, tile), static_cast<const char*>(b) + column_bytes_[t], bias ? bias + first : nullptr,
                             out, tile + a_bytes_ + c_bytes_);
  if (block == rows) return;
  for (int64_t r = 0; r < rows; ++r) std::memcpy(c + r * n + first, out + r * n, static_cast<size_t>(count) * 4);
}

RowGemm::~RowGemm() = default;

// Room for the last, incomplete block of A and of C (or A as bf16), and for oneDNN.
int64_t RowGemm::tile_bytes() const {
  int64_t most = 0;
  for (const auto& matmul : matmuls_) most = std::max(most, matmul->scratch_bytes());
  for (const auto& [count, matmuls] : few_) {
    for (const auto& matmul : matmuls) most = std::max(most, matmul->scratch_bytes());
  }
  return a_bytes_ + c_bytes_ + aligned(most);
}

void RowGemm::run(int thread, const float* a, const void* b, const float* bias, float* c, int64_t rows, char* tile) const {
  const int64_t k = shape_.k(), n = shape_.n();
  char* scratch = tile + a_bytes_ + c_bytes_;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    for (; rows >= blocks_[i]; rows -= blocks_[i]) {
      matmuls_[i]->run(thread, left(a, blocks_[i], blocks_[i], tile), b, bias, c, scratch);
      a += blocks_[i] * k;
      c += blocks_[i] * n;
    }
  }
  if (rows == 0) return;
  float* last_c = reinterpret_cast<float*>(tile + a_bytes_);
  matmuls_.back()->run(thread, left(a, rows, blocks_.back(), tile), b, bias, last_c, scratch);
  std::memcpy(c, last_c, static_cast<size_t>(rows * n) * 4);
}

TransposedGemm::TransposedGemm(int64_t m, int64_t n, int64_t lda, int threads)
    : lda_(lda), n_(n), blocks_{512, 256, 128, 64, 32, 16} {
  for (const int64_t rows : blocks_) {
    const auto a = matrix(m, rows, 1, lda), b = matrix(rows, n, n, 1), c = matrix(m, n, n, 1);
    first_.push_back(std::make_unique<Matmul>(a, b, c, false, false, threads));
    next_.push_back(std::make_unique<Matmul>(a, b, c, false, true, threads));
  }
}

TransposedGemm::~TransposedGemm() = default;

int64_t TransposedGemm::scratch_bytes() const {
  int64_t most = 0;
  for (const auto& matmul : first_) most = std::max(most, matmul->scratch_bytes());
  for (const auto& matmul : next_) most = std::max(most, matmul->scratch_bytes());
  return most;
}

int64_t TransposedGemm::run(int thread, const float* a, const float* b, float* c, int64_t rows, char* scratch, bool accumulate) const {
  int64_t done = 0;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    for (; rows - done >= blocks_[i]; done += blocks_[i]) {
      const auto& matmul = done == 0 && !accumulate ? first_[i] : next_[i];
      matmul->run(thread, a + done * lda_, b + done * n_, nullptr, c, scratch);
    }
  }
  return done;
}

}  // namespace primer
