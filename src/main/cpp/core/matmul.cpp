#include "core/matmul.h"

#include <omp.h>

#include <stdexcept>
#include <string>

#include "core/bf16.h"

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

// A weight is packed in the layout that oneDNN likes best for this many rows; all row blocks use that one layout.
constexpr int64_t kPackRows = 128;

memory::desc best_layout(int64_t k, int64_t n, Number number) {
  const OneThread one;
  const memory::desc any({k, n}, number, memory::format_tag::any);
  return dnnl::matmul::primitive_desc(cpu(), matrix(kPackRows, k, k, 1, number), any, matrix(kPackRows, n, n, 1)).weights_desc();
}

// A product that fails inside a kernel must not throw there: the other threads wait at the kernel's barrier.
thread_local dnnl_status_t first_failure = dnnl_success;

void note(dnnl_status_t status) {
  if (first_failure == dnnl_success) first_failure = status;
}

constexpr int64_t even(int64_t n) { return (n + 1) / 2 * 2; }

void round_rows(const WeightShape& shape, const float* weight, uint16_t* rows) {
  require_bf16();
  const int64_t length = even(shape.in);
  for (int64_t r = 0; r < shape.out; ++r) {
    rows[r * length + length - 1] = 0;
    to_bf16(weight + r * shape.in, rows + r * length, shape.in);
  }
}

void set(const memory& m, const void* data) { note(dnnl_memory_set_data_handle(m.get(), const_cast<void*>(data))); }

}  // namespace

memory::desc matrix(int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride, Number number) {
  return memory::desc({rows, cols}, number, memory::dims{row_stride, col_stride});
}

Number number_of(Layout layout) { return layout == Layout::packed_bf16 ? Number::bf16 : Number::f32; }

int64_t bytes_of(Number number) { return number == Number::bf16 ? 2 : 4; }

memory::desc weight_desc(const WeightShape& s, Layout layout) {
  if (layout == Layout::packed_bf16) require_bf16();
  if (layout != Layout::plain) return best_layout(s.k(), s.n(), number_of(layout));
  return s.transposed ? matrix(s.out, s.in, s.in, 1) : matrix(s.in, s.out, 1, s.in);
}

int64_t column_block(const memory::desc& b) {
  int64_t block = 1;
  const auto sizes = b.get_inner_blks(), dimensions = b.get_inner_idxs();
  for (size_t i = 0; i < sizes.size(); ++i) block *= dimensions[i] == 1 ? sizes[i] : 1;
  return block;
}

memory::desc column_part(const memory::desc& b, int64_t k, int64_t count) {
  if (b.get_inner_nblks() == 0) return matrix(k, count, b.get_strides()[0], b.get_strides()[1], b.get_data_type());
  return best_layout(k, count, b.get_data_type());
}

bool same_blocks(const memory::desc& part, const memory::desc& whole) {
  return part.get_inner_blks() == whole.get_inner_blks() && part.get_inner_idxs() == whole.get_inner_idxs() &&
         part.get_strides() == whole.get_strides();
}

Matmul::Matmul(const memory::desc& a, const memory::desc& b, const memory::desc& c, bool bias, bool accumulate, int threads) : bias_(bias) {
  const OneThread one;
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (accumulate) {
    dnnl::post_ops sum;
    sum.append_sum();
    attributes.set_post_ops(sum);
  }
  const memory::desc bias_desc = matrix(1, c.get_dims()[1], c.get_dims()[1], 1);
  const auto description = bias ? dnnl::matmul::primitive_desc(cpu(), a, b, bias_desc, c, attributes)
                                : dnnl::matmul::primitive_desc(cpu(), a, b, c, attributes);
  matmul_ = dnnl::matmul(description);
  scratch_bytes_ = static_cast<int64_t>(description.scratchpad_desc().get_size());
  for (int t = 0; t < threads; ++t) {
    arguments_.push_back({memory(a, cpu(), nullptr), memory(b, cpu(), nullptr), memory(c, cpu(), nullptr), memory(bias_desc, cpu(), nullptr),
                          memory(description.scratchpad_desc(), cpu(), nullptr), dnnl::stream(cpu())});
  }
}

void Matmul::run(int thread, const void* a, const void* b, const float* bias, float* c, char* scratch) const {
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

void throw_failed_product() {
  const dnnl_status_t status = first_failure;
  first_failure = dnnl_success;
  if (status != dnnl_success) throw std::runtime_error("a matrix product failed in oneDNN with status " + std::to_string(status));
}

int64_t packed_bytes(const WeightShape& shape, Layout layout) {
  if (layout == Layout::rows_bf16) return shape.out * even(shape.in) * 2;
  return static_cast<int64_t>(weight_desc(shape, layout).get_size());
}

void pack(const WeightShape& shape, Layout layout, const float* weight, void* packed) {
  if (layout == Layout::rows_bf16) return round_rows(shape, weight, static_cast<uint16_t*>(packed));
  const OneThread one;
  memory from(weight_desc(shape, Layout::plain), cpu(), const_cast<float*>(weight)), to(weight_desc(shape, layout), cpu(), packed);
  dnnl::stream stream(cpu());
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
}

}  // namespace primer
