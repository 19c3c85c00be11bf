#include "library_products.h"

namespace primer::cuda {
namespace {

constexpr uint32_t kAlignment = 16;

// The sums are float32 in all of them. Pedantic is the library's word for float32 in every step.
LtCompute compute_of(Precision precision) {
  switch (precision) {
    case Precision::f32: return LtCompute::f32_pedantic;
    case Precision::tf32: return LtCompute::f32_fast_tf32;
    case Precision::bf16: return LtCompute::f32;
  }
  throw std::runtime_error("cuBLASLt: there is no such precision");
}

}  // namespace

LibraryProducts::LibraryProducts() : lt_(cublaslt()), handle_(made<OwnedLtHandle>("begin", lt_.create)), workspace_(device_bytes(kWorkspace)) {}

void LibraryProducts::check(LtStatus status, const char* doing) const {
  if (status != 0) throw std::runtime_error(std::string("cuBLASLt, ") + doing + ": " + lt_.status_name(status));
}

// Row by row is the transpose column by column: y^T [cols, rows] = op(w) [cols, terms] op(x) [terms, rows].
LibraryProducts::Prepared LibraryProducts::prepare(const LibraryProduct& p) const {
  const LtType type = p.precision == Precision::bf16 ? LtType::bf16 : LtType::f32;
  Prepared prepared;
  prepared.matmul = made<OwnedLtMatmul>("describe a product", lt_.matmul_create, compute_of(p.precision), LtType::f32);
  const auto set = [&](LtMatmulAttribute attribute, auto value) {
    check(lt_.matmul_set(prepared.matmul.get(), attribute, &value, sizeof value), "describe a product");
  };
  set(LtMatmulAttribute::transpose_a, p.transposed ? kLtTransposed : kLtNotTransposed);
  set(LtMatmulAttribute::transpose_b, p.x_transposed ? kLtTransposed : kLtNotTransposed);
  set(LtMatmulAttribute::epilogue, p.bias ? kLtEpilogueBias : kLtEpilogueDefault);
  const auto layout = [&](const char* doing, LtType of, int64_t rows, int64_t cols, int64_t stride) {
    return made<OwnedLtLayout>(doing, lt_.layout_create, of, static_cast<uint64_t>(rows), static_cast<uint64_t>(cols), stride);
  };
  prepared.w = layout("describe a weight", type, p.transposed ? p.terms : p.cols, p.transposed ? p.cols : p.terms, p.w_stride);
  prepared.x = layout("describe rows", type, p.x_transposed ? p.rows : p.terms, p.x_transposed ? p.terms : p.rows, p.x_stride);
  prepared.y = layout("describe a result", LtType::f32, p.cols, p.rows, p.y_stride);
  prepared.algorithm = algorithm(p, prepared);
  return prepared;
}

LtAlgorithm LibraryProducts::algorithm(const LibraryProduct& p, const Prepared& described) const {
  const auto preference = made<OwnedLtPreference>("prefer", lt_.preference_create);
  const auto prefer = [&](LtPreferenceAttribute attribute, auto value) { check(lt_.preference_set(preference.get(), attribute, &value, sizeof value), "prefer"); };
  prefer(LtPreferenceAttribute::workspace_bytes, uint64_t{kWorkspace});
  prefer(LtPreferenceAttribute::reduction_schemes, kLtReductionInWorkspace);
  for (auto side : {LtPreferenceAttribute::alignment_a, LtPreferenceAttribute::alignment_b, LtPreferenceAttribute::alignment_c, LtPreferenceAttribute::alignment_d}) {
    prefer(side, kAlignment);
  }
  LtHeuristic best{};
  int found = 0;
  LtLayout y = described.y.get();
  check(lt_.heuristic(handle_.get(), described.matmul.get(), described.w.get(), described.x.get(), y, y, preference.get(), 1, &best, &found), "choose an algorithm");
  if (found < 1) {
    throw std::runtime_error("cuBLASLt has no algorithm for a product of " + std::to_string(p.rows) + " x " + std::to_string(p.terms) + " x " + std::to_string(p.cols) +
                             "; PRIMER_CUDA_PRODUCTS=own computes fp32 and bf16 without it");
  }
  check(best.state, "choose an algorithm");
  return best.algorithm;
}

void LibraryProducts::run(cudaStream_t stream, const LibraryProduct& product, const void* x, const void* w, const float* bias, float* y) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto found = prepared_.find(product);
  if (found == prepared_.end()) found = prepared_.emplace(product, prepare(product)).first;
  const Prepared& p = found->second;
  LtMatmul matmul = p.matmul.get();
  LtLayout result = p.y.get();
  if (product.bias) check(lt_.matmul_set(matmul, LtMatmulAttribute::bias_pointer, &bias, sizeof bias), "add a bias");
  const float one = 1, beta = product.accumulate ? 1 : 0;
  check(lt_.matmul(handle_.get(), matmul, &one, w, p.w.get(), x, p.x.get(), &beta, y, result, y, result, &p.algorithm, workspace_.get(), kWorkspace, stream),
        "multiply");
}

}  // namespace primer::cuda
