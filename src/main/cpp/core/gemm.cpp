#include "core/gemm.h"

#include <omp.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

#include "dnnl.hpp"

namespace primer {
namespace {

using dnnl::memory;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

// oneDNN plans a primitive for the number of threads it sees when it is made; each of our threads runs its own.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }

 private:
  int before_;
};

memory::desc plain(int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride) {
  return memory::desc({rows, cols}, memory::data_type::f32, memory::dims{row_stride, col_stride});
}

memory::desc plain_weight(const WeightShape& s) {
  return s.transposed ? plain(s.out, s.in, s.in, 1) : plain(s.in, s.out, 1, s.in);
}

// A weight is packed in the layout that oneDNN likes best for this many rows; all row blocks use that one layout.
constexpr int64_t kPackRows = 128;

memory::desc packed_weight(const WeightShape& s) {
  const OneThread one;
  const memory::desc any({s.k(), s.n()}, memory::data_type::f32, memory::format_tag::any);
  const dnnl::matmul::primitive_desc best(cpu(), plain(kPackRows, s.k(), s.k(), 1), any, plain(kPackRows, s.n(), s.n(), 1));
  return best.weights_desc();
}

// Columns that lie together in a layout of B.
int64_t column_block(const memory::desc& b) {
  int64_t block = 1;
  const auto sizes = b.get_inner_blks(), dimensions = b.get_inner_idxs();
  for (size_t i = 0; i < sizes.size(); ++i) block *= dimensions[i] == 1 ? sizes[i] : 1;
  return block;
}

// A layout for `count` of B's columns: as oneDNN likes it where B is blocked, else with B's strides.
memory::desc column_part(const memory::desc& b, int64_t k, int64_t count) {
  if (b.get_inner_nblks() == 0) return plain(k, count, b.get_strides()[0], b.get_strides()[1]);
  const OneThread one;
  const memory::desc any({k, count}, memory::data_type::f32, memory::format_tag::any);
  return dnnl::matmul::primitive_desc(cpu(), plain(kPackRows, k, k, 1), any, plain(kPackRows, count, count, 1)).weights_desc();
}

bool same_blocks(const memory::desc& part, const memory::desc& whole) {
  return part.get_inner_blks() == whole.get_inner_blks() && part.get_inner_idxs() == whole.get_inner_idxs() &&
         part.get_strides() == whole.get_strides();
}

// Row blocks for few rows: one of them holds all.
constexpr int64_t kFewBlocks[] = {8, 16, 24, 32, 48, 64};

// A product that fails inside a kernel must not throw there: the other threads wait at the kernel's barrier.
thread_local dnnl_status_t first_failure = dnnl_success;

void note(dnnl_status_t status) {
  if (first_failure == dnnl_success) first_failure = status;
}

}  // namespace

// One oneDNN matmul of fixed sizes. Each thread has memory objects of its own, whose data pointers it sets per call.
class Matmul {
 public:
  Matmul(const memory::desc& a, const memory::desc& b, const memory::desc& c, bool bias, bool accumulate, int threads) {
    const OneThread one;
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (accumulate) {
      dnnl::post_ops sum;
      sum.append_sum();
      attributes.set_post_ops(sum);
    }
    const memory::desc bias_desc = plain(1, c.get_dims()[1], c.get_dims()[1], 1);
    const auto description = bias ? dnnl::matmul::primitive_desc(cpu(), a, b, bias_desc, c, attributes)
                                  : dnnl::matmul::primitive_desc(cpu(), a, b, c, attributes);
    matmul_ = dnnl::matmul(description);
    scratch_bytes_ = static_cast<int64_t>(description.scratchpad_desc().get_size());
    for (int t = 0; t < threads; ++t) {
      arguments_.push_back({memory(a, cpu(), nullptr), memory(b, cpu(), nullptr), memory(c, cpu(), nullptr),
                            memory(bias_desc, cpu(), nullptr), memory(description.scratchpad_desc(), cpu(), nullptr),
                            dnnl::stream(cpu())});
    }
    bias_ = bias;
  }

  int64_t scratch_bytes() const { return scratch_bytes_; }

  void run(int thread, const float* a, const void* b, const float* bias, float* c, char* scratch) const {
    const Arguments& m = arguments_[static_cast<size_t>(thread)];
    set(m.a, a);
    set(m.b, b);
    set(m.c, c);
    set(m.scratch, scratch);
    if (bias_) set(m.bias, bias);
    const dnnl_exec_arg_t list[] = {{DNNL_ARG_SRC, m.a.get()},
                                    {DNNL_ARG_WEIGHTS, m.b.get()},
                                    {DNNL_ARG_DST, m.c.get()},
                                    {DNNL_ARG_SCRATCHPAD, m.scratch.get()},
                                    {DNNL_ARG_BIAS, m.bias.get()}};
    note(dnnl_primitive_execute(matmul_.get(), m.stream.get(), bias_ ? 5 : 4, list));
  }

 private:
  struct Arguments {
    memory a, b, c, bias, scratch;
    dnnl::stream stream;
  };

  static void set(const memory& m, const void* data) {
    note(dnnl_memory_set_data_handle(m.get(), const_cast<void*>(data)));
  }

  dnnl::matmul matmul_;
  std::vector<Arguments> arguments_;
  int64_t scratch_bytes_;
  bool bias_;
};

void throw_failed_product() {
  const dnnl_status_t status = first_failure;
  first_failure = dnnl_success;
  if (status != dnnl_success) throw std::runtime_error("a matrix product failed in oneDNN with status " + std::to_string(status));
}

int64_t packed_bytes(const WeightShape& shape) { return static_cast<int64_t>(packed_weight(shape).get_size()); }

void pack(const WeightShape& shape, const float* weight, void* packed) {
  const OneThread one;
  memory from(plain_weight(shape), cpu(), const_cast<float*>(weight)), to(packed_weight(shape), cpu(), packed);
  dnnl::stream stream(cpu());
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
}

// A plain weight is repacked by oneDNN in every call, so it gets larger blocks to spread that cost over.
RowGemm::RowGemm(const WeightShape& shape, bool packed, bool bias, int threads, int64_t most_rows)
    : shape_(shape), blocks_(packed ? std::vector<int64_t>{128, 64, 32, 16} : std::vector<int64_t>{512, 128, 64, 32, 16}) {
  const memory::desc b = packed ? packed_weight(shape) : plain_weight(shape);
  for (const int64_t rows : blocks_) {
    matmuls_.push_back(std::make_unique<Matmul>(plain(rows, shape.k(), shape.k(), 1), b,
                                                plain(rows, shape.n(), shape.n(), 1), bias, false, threads));
  }
  if (threads > 1 && most_rows <= kFewCapacity) prepare_columns(packed, bias, threads);
}

// B's layout is cut where its blocks of columns end; where oneDNN lays a part of it out in another way, rows are shared after all.
void RowGemm::prepare_columns(bool packed, bool bias, int threads) {
  const memory::desc whole = packed ? packed_weight(shape_) : plain_weight(shape_);
  const int64_t block = column_block(whole), k = shape_.k(), n = shape_.n(), blocks = (n + block - 1) / block;
  for (int t = 0; t < threads; ++t) {
    const int64_t first = std::min(n, blocks * t / threads * block), end = std::min(n, blocks * (t + 1) / threads * block);
    columns_.push_back({first, end - first});
    column_bytes_.push_back(first / block * whole.get_strides()[1] * 4);
    few_.emplace_back();
    if (first == end) continue;
    const memory::desc part = column_part(whole, k, end - first);
    if (!same_blocks(part, whole)) {
      columns_.clear();
      return;
    }
    for (const int64_t rows : kFewBlocks) {
      few_.back().push_back(std::make_unique<Matmul>(plain(rows, k, k, 1), part, plain(rows, end - first, n, 1), bias, false, threads));
    }
  }
}

void RowGemm::run_columns(int thread, const float* a, const void* b, const float* bias, float* c, int64_t rows, char* tile) const {
  const size_t t = static_cast<size_t>(thread);
  const auto [first, count] = columns_[t];
  if (count == 0 || rows == 0) return;
  size_t which = 0;
  while (kFewBlocks[which] < rows) ++which;
  const int64_t k = shape_.k(), n = shape_.n(), block = kFewBlocks[which];
  const char* part = static_cast<const char*>(b) + column_bytes_[t];
  float* last_a = reinterpret_cast<float*>(tile);
  float* last_c = last_a + kFewRows * k;
  char* scratch = tile + (kFewRows * (k + n) * 4 + 127) / 64 * 64;
  const float* part_bias = bias ? bias + first : nullptr;
  if (block == rows) {
    few_[t][which]->run(thread, a, part, part_bias, c + first, scratch);
    return;
  }
  std::memcpy(last_a, a, static_cast<size_t>(rows * k) * 4);
  std::memset(last_a + rows * k, 0, static_cast<size_t>((block - rows) * k) * 4);
  few_[t][which]->run(thread, last_a, part, part_bias, last_c + first, scratch);
  for (int64_t r = 0; r < rows; ++r) std::memcpy(c + r * n + first, last_c + r * n + first, static_cast<size_t>(count) * 4);
}

RowGemm::~RowGemm() = default;

// Room for the last, incomplete block of A and of C, and for oneDNN.
int64_t RowGemm::tile_bytes() const {
  int64_t most = 0;
  for (const auto& matmul : matmuls_) most = std::max(most, matmul->scratch_bytes());
  for (const auto& matmuls : few_) {
    for (const auto& matmul : matmuls) most = std::max(most, matmul->scratch_bytes());
  }
  const int64_t rows = columns_.empty() ? blocks_.back() : kFewRows;
  return (most + 63) / 64 * 64 + rows * (shape_.k() + shape_.n()) * 4 + 128;
}

void RowGemm::run(int thread, const float* a, const void* b, const float* bias, float* c, int64_t rows, char* tile) const {
  const int64_t k = shape_.k(), n = shape_.n(), least = blocks_.back();
  char* scratch = tile + (least * (k + n) * 4 + 127) / 64 * 64;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    for (; rows >= blocks_[i]; rows -= blocks_[i]) {
      matmuls_[i]->run(thread, a, b, bias, c, scratch);
      a += blocks_[i] * k;
      c += blocks_[i] * n;
    }
  }
  if (rows == 0) return;
  float* last_a = reinterpret_cast<float*>(tile);
  float* last_c = last_a + least * k;
  std::memset(last_a, 0, static_cast<size_t>(least * k) * 4);
  std::memcpy(last_a, a, static_cast<size_t>(rows * k) * 4);
  matmuls_.back()->run(thread, last_a, b, bias, last_c, scratch);
  std::memcpy(c, last_c, static_cast<size_t>(rows * n) * 4);
}

TransposedGemm::TransposedGemm(int64_t m, int64_t n, int64_t lda, int threads)
    : lda_(lda), n_(n), blocks_{512, 256, 128, 64, 32, 16} {
  for (const int64_t rows : blocks_) {
    const auto a = plain(m, rows, 1, lda), b = plain(rows, n, n, 1), c = plain(m, n, n, 1);
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

int64_t TransposedGemm::run(int thread, const float* a, const float* b, float* c, int64_t rows, char* scratch) const {
  int64_t done = 0;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    for (; rows - done >= blocks_[i]; done += blocks_[i]) {
      const auto& matmul = done == 0 ? first_[i] : next_[i];
      matmul->run(thread, a + done * lda_, b + done * n_, nullptr, c, scratch);
    }
  }
  return done;
}

}  // namespace primer
