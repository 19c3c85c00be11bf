#include "cudnn_attention.h"

#include <limits>

namespace primer::cuda {
namespace {

using cudnn::Pointwise;
using cudnn::Reduction;
using cudnn::Tensor;
using cudnn::Type;

// What both directions are made of. Dimensions are [sequences, heads, rows, columns].
struct Builder {
  const CudnnAttentionShape& s;
  cudnn::Graph graph;
  Tensor query_offsets = offsets(kTensorQueryOffsets), key_offsets = offsets(kTensorKeyOffsets), lse_offsets = offsets(kTensorLseOffsets);
  Tensor queries = counts(kTensorQueries), keys = counts(kTensorKeys);
  Tensor scale = graph.constant(s.scale);

  explicit Builder(const CudnnAttentionShape& shape) : s(shape) {}

  Tensor offsets(AttentionTensor id) { return graph.memory(id, Type::i32, {s.sequences + 1, 1, 1, 1}, {1, 1, 1, 1}); }
  Tensor counts(AttentionTensor id) { return graph.memory(id, Type::i32, {s.sequences, 1, 1, 1}, {1, 1, 1, 1}); }

  Tensor query_rows(AttentionTensor id) {
    return graph.memory(id, Type::bf16, {s.sequences, s.heads, s.longest_queries, s.width}, {s.longest_queries * s.d(), s.width, s.d(), 1}, &query_offsets);
  }
  Tensor key_rows(AttentionTensor id) {
    return graph.memory(id, Type::bf16, {s.sequences, s.heads, s.longest_keys, s.width}, {s.longest_keys * s.d(), s.width, s.d(), 1}, &key_offsets);
  }
  Tensor key_columns(AttentionTensor id) {
    return graph.memory(id, Type::bf16, {s.sequences, s.heads, s.width, s.longest_keys}, {s.longest_keys * s.d(), s.width, 1, s.d()}, &key_offsets);
  }
  Tensor lse() {
    return graph.memory(kTensorLse, Type::f32, {s.sequences, s.heads, s.longest_queries, 1}, {s.longest_queries * s.heads, 1, s.heads, 1}, &lse_offsets);
  }

  Tensor scores(Type type = Type::f32) { return graph.virtual_tensor(type, {s.sequences, s.heads, s.longest_queries, s.longest_keys}); }
  Tensor row_values() { return graph.virtual_tensor(Type::f32, {s.sequences, s.heads, s.longest_queries, 1}); }
  // The transpose of scores, as products read it.
  Tensor transposed(const Tensor& of) {
    const int64_t m = s.longest_queries, n = s.longest_keys;
    Tensor y = graph.virtual_tensor(Type::bf16, {s.sequences, s.heads, n, m}, {s.heads * m * n, m * n, 1, n});
    graph.reshape(of, y);
    return y;
  }

  Tensor apply(Pointwise mode, const Tensor& x, const Tensor& b, const Tensor& y) {
    graph.pointwise(mode, Type::f32, x, b, y);
    return y;
  }
  Tensor apply(Pointwise mode, const Tensor& x, const Tensor& y) {
    graph.pointwise(mode, Type::f32, x, y);
    return y;
  }
  Tensor apply_i32(Pointwise mode, const Tensor& x, const Tensor& b) {
    Tensor y = scores(Type::i32);
    graph.pointwise(mode, Type::i32, x, b, y);
    return y;
  }
  Tensor compare(Pointwise mode, const Tensor& x, const Tensor& b) {
    Tensor y = scores(Type::boolean);
    graph.pointwise(mode, Type::boolean, x, b, y);
    return y;
  }
  Tensor index(const Tensor& like, int64_t axis) {
    Tensor y = scores(Type::i32);
    graph.index(like, axis, y);
    return y;
  }
  // x where `seen`, minus infinity elsewhere.
  Tensor keep(const Tensor& x, const Tensor& seen) {
    Tensor y = scores();
    graph.select(x, graph.constant(-std::numeric_limits<float>::infinity()), seen, y);
    return y;
  }

  // s q k^T
  Tensor scaled_products(const Tensor& q, const Tensor& k_columns, bool zeros_behind) {
    Tensor products = scores();
    graph.matmul(q, k_columns, products, &queries, &keys, nullptr, zeros_behind);
    return apply(Pointwise::mul, products, scale, scores());
  }

  // x where the query sees the key. The order of these operations is the one that cuDNN knows.
  Tensor mask(const Tensor& x) {
    const Tensor row = compare(Pointwise::less, index(x, 2), queries), column = compare(Pointwise::less, index(x, 3), keys);
    const Tensor y = keep(x, compare(Pointwise::logical_and, row, column));
    if (s.seen == Seen::all) return y;
    Tensor last = index(y, 2);
    if (s.seen == Seen::to_end) last = apply_i32(Pointwise::sub, apply_i32(Pointwise::add, last, keys), queries);
    return keep(y, compare(Pointwise::greater_or_equal, last, index(y, 3)));
  }
};

}  // namespace

cudnn::Plan attention_plan(const cudnn::Target& target, const CudnnAttentionShape& shape) {
  Builder b(shape);
  const Tensor q = b.query_rows(kTensorQ), k = b.key_columns(kTensorK), v = b.key_rows(kTensorV), o = b.query_rows(kTensorO), lse = b.lse();
  const Tensor scores = b.mask(b.scaled_products(q, k, true));
  const Tensor top = b.row_values(), sum = b.row_values();
  b.graph.reduce(Reduction::max, scores, top);
  const Tensor exponentials = b.apply(Pointwise::exp, b.apply(Pointwise::sub, scores, top, b.scores()), b.scores());
  b.graph.reduce(Reduction::add, exponentials, sum);
  b.apply(Pointwise::add, top, b.apply(Pointwise::log, sum, b.row_values()), lse);
  const Tensor p = b.apply(Pointwise::div, exponentials, sum, b.scores(Type::bf16));
  b.graph.matmul(p, v, o, &b.queries, nullptr, &b.keys);
  return b.graph.plan(target);
}

cudnn::Plan attention_backward_plan(const cudnn::Target& target, const CudnnAttentionShape& shape) {
  Builder b(shape);
  const Tensor q = b.query_rows(kTensorQ), k = b.key_columns(kTensorK), v = b.key_columns(kTensorV), o = b.query_rows(kTensorO), lse = b.lse();
  const Tensor d_o = b.query_rows(kTensorDo), dq = b.query_rows(kTensorDq), dk = b.key_rows(kTensorDk), dv = b.key_rows(kTensorDv);

  const int64_t m = shape.longest_queries;
  const Tensor terms = b.graph.virtual_tensor(Type::f32, q.dims, {m * shape.d(), m * shape.width, shape.d(), 1}), sums = b.row_values();
  b.graph.reduce(Reduction::add, b.apply(Pointwise::mul, d_o, o, terms), sums);
  const Tensor row_sums = b.graph.memory(kTensorRowSums, Type::f32, sums.dims, {shape.heads * m, m, 1, 1});
  b.apply(Pointwise::mul, sums, b.graph.constant(1.0f), row_sums);

  const Tensor scores = b.mask(b.apply(Pointwise::sub, b.scaled_products(q, k, false), lse, b.scores()));
  const Tensor p = b.apply(Pointwise::exp, scores, b.scores());
  b.graph.matmul(b.transposed(p), d_o, dv, &b.keys, nullptr, &b.queries);

  const Tensor dp = b.scores();
  b.graph.matmul(d_o, v, dp, &b.queries, &b.keys, nullptr);
  const Tensor centered = b.apply(Pointwise::sub, dp, row_sums, b.scores());
  const Tensor ds = b.apply(Pointwise::mul, b.apply(Pointwise::mul, centered, p, b.scores()), b.scale, b.scores(Type::bf16));
  b.graph.matmul(b.transposed(ds), q, dk, &b.keys, nullptr, &b.queries);

  const Tensor k_rows = b.graph.virtual_tensor(Type::bf16, dk.dims, {shape.longest_keys * shape.d(), shape.width, shape.d(), 1}, &b.key_offsets);
  b.graph.reshape(k, k_rows);
  b.graph.matmul(ds, k_rows, dq, &b.queries, nullptr, &b.keys);
  cudnn::Plan plan = b.graph.plan(target);
  if (plan.workspace_bytes() < static_cast<int64_t>(sizeof(Bf16)) * shape.sequences * shape.heads * m * shape.longest_keys) {
    throw cudnn::NoEngine("cuDNN: its engine has no room for dS, so it adds up dq in no fixed order");
  }
  return plan;
}

}  // namespace primer::cuda
