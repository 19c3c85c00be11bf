#include "library_products.h"

namespace primer::cuda {
namespace {

// What NVIDIA advises for Hopper; one for all products of a device, whose one stream runs them one after another.
constexpr size_t kWorkspace = size_t{32} << 20;
constexpr uint32_t kAlignment = 16;

LtCompute compute_of(Precision precision) { return precision == Precision::tf32 ? LtCompute::f32_fast_tf32 : LtCompute::f32; }

}  // namespace

LibraryProducts::LibraryProducts() : lt_(cublaslt()) {
  check(lt_.create(&handle_), "begin");
  workspace_ = device_bytes(kWorkspace);
}

LibraryProducts::~LibraryProducts() {
  for (auto& [product, p] : prepared_) {
    lt_.matmul_destroy(p.matmul);
    for (LtLayout layout : {p.x, p.w, p.y}) lt_.layout_destroy(layout);
  }
}

void LibraryProducts::check(LtStatus status, const char* doing) const {
  if (status != 0) throw std::runtime_error(std::string("cuBLASLt, ") + doing + ": " + lt_.status_name(status));
}

// Row by row is the transpose column by column: y^T [cols, rows] = op(W) [cols, terms] x^T [terms, rows].
LibraryProducts::Prepared LibraryProducts::prepare(const LibraryProduct& p) {
  const LtType type = p.precision == Precision::bf16 ? LtType::bf16 : LtType::f32;
  const auto u64 = [](int64_t n) { return static_cast<uint64_t>(n); };
  Prepared made;
  check(lt_.matmul_create(&made.matmul, compute_of(p.precision), LtType::f32), "describe a product");
  const auto set = [&](LtMatmulAttribute attribute, auto value) { check(lt_.matmul_set(made.matmul, attribute, &value, sizeof value), "describe a product"); };
  set(LtMatmulAttribute::transpose_a, p.transposed ? kLtTransposed : kLtNotTransposed);
  set(LtMatmulAttribute::transpose_b, kLtNotTransposed);
  set(LtMatmulAttribute::epilogue, p.bias ? kLtEpilogueBias : kLtEpilogueDefault);
  check(lt_.layout_create(&made.w, type, u64(p.transposed ? p.terms : p.cols), u64(p.transposed ? p.cols : p.terms), p.w_stride), "describe a weight");
  check(lt_.layout_create(&made.x, type, u64(p.terms), u64(p.rows), p.x_stride), "describe rows");
  check(lt_.layout_create(&made.y, LtType::f32, u64(p.cols), u64(p.rows), p.y_stride), "describe a result");
  LtPreference preference = nullptr;
  check(lt_.preference_create(&preference), "prefer");
  const auto prefer = [&](LtPreferenceAttribute attribute, auto value) { check(lt_.preference_set(preference, attribute, &value, sizeof value), "prefer"); };
  prefer(LtPreferenceAttribute::workspace_bytes, uint64_t{kWorkspace});
  for (auto side : {LtPreferenceAttribute::alignment_a, LtPreferenceAttribute::alignment_b, LtPreferenceAttribute::alignment_c, LtPreferenceAttribute::alignment_d}) {
    prefer(side, kAlignment);
  }
  LtHeuristic best{};
  int found = 0;
  const LtStatus status = lt_.heuristic(handle_, made.matmul, made.w, made.x, made.y, made.y, preference, 1, &best, &found);
  lt_.preference_destroy(preference);
  check(status, "choose an algorithm");
  if (found < 1) throw std::runtime_error("cuBLASLt has no algorithm for a product of " + std::to_string(p.rows) + " x " + std::to_string(p.terms) + " x " + std::to_string(p.cols));
  made.algorithm = best.algorithm;
  return made;
}

void LibraryProducts::run(cudaStream_t stream, const LibraryProduct& product, const void* x, const void* w, const float* bias, float* y) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto found = prepared_.find(product);
  if (found == prepared_.end()) found = prepared_.emplace(product, prepare(product)).first;
  const Prepared& p = found->second;
  if (product.bias) check(lt_.matmul_set(p.matmul, LtMatmulAttribute::bias_pointer, &bias, sizeof bias), "add a bias");
  const float one = 1, zero = 0;
  check(lt_.matmul(handle_, p.matmul, &one, w, p.w, x, p.x, &zero, y, p.y, y, p.y, &p.algorithm, workspace_.get(), kWorkspace, stream), "multiply");
}

}  // namespace primer::cuda
