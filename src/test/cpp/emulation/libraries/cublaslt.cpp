// cuBLASLt's functions on the host, as far as cuda/device/cublaslt.h has them: products in float64 of factors rounded as the compute type
// says, refused where the library would refuse them. They are found by dlsym, as the library's.
#include "device/cublaslt.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "../emulated_mma.h"

using namespace primer::cuda;

namespace primer::cuda {

struct LtContext {};
struct LtMatrixLayout {
  LtType type;
  uint64_t rows, cols;
  int64_t stride;
};
struct LtMatmulDescriptor {
  LtCompute compute;
  int32_t transpose_a = kLtNotTransposed, transpose_b = kLtNotTransposed;
  uint32_t epilogue = kLtEpilogueDefault;
  const float* bias = nullptr;
};
struct LtMatmulPreference {
  uint64_t workspace_bytes = 0;
  uint32_t reductions = kLtReductionInPlace | kLtReductionInWorkspace;
  uint32_t alignments[4] = {256, 256, 256, 256};
};

}  // namespace primer::cuda

namespace {

constexpr LtStatus kSuccess = 0, kInvalidValue = 7, kNotSupported = 15;
constexpr uint64_t kAlgorithm = 42;

float number(const void* data, int64_t at, LtType type, LtCompute compute) {
  uint32_t bits;
  if (type == LtType::bf16) {
    bits = uint32_t{static_cast<const uint16_t*>(data)[at]} << 16;
  } else {
    const float v = static_cast<const float*>(data)[at];
    if (compute != LtCompute::f32_fast_tf32) return v;
    bits = emulation::to_tf32(v);
  }
  float v;
  std::memcpy(&v, &bits, sizeof v);
  return v;
}

// op of a matrix: rows by columns.
uint64_t rows_of(const LtMatrixLayout& m, int32_t transpose) { return transpose == kLtTransposed ? m.cols : m.rows; }
uint64_t cols_of(const LtMatrixLayout& m, int32_t transpose) { return transpose == kLtTransposed ? m.rows : m.cols; }

bool fits(const LtMatmulDescriptor& p, const LtMatrixLayout& a, const LtMatrixLayout& b, const LtMatrixLayout& d) {
  const bool shapes = rows_of(a, p.transpose_a) == d.rows && cols_of(b, p.transpose_b) == d.cols && cols_of(a, p.transpose_a) == rows_of(b, p.transpose_b);
  const auto holds = [](const LtMatrixLayout& m) { return m.stride >= static_cast<int64_t>(m.rows); };
  return shapes && holds(a) && holds(b) && holds(d) && a.type == b.type && d.type == LtType::f32 && (a.type == LtType::f32 || p.compute == LtCompute::f32);
}

struct Factor {
  const void* data;
  LtMatrixLayout layout;
  int32_t transpose;

  // Numbers of row r of op(m), or of column r, one after another.
  std::vector<float> line(int64_t r, bool row, LtCompute compute) const {
    const bool along_stride = row == (transpose == kLtNotTransposed);
    const int64_t count = static_cast<int64_t>(along_stride ? layout.cols : layout.rows);
    std::vector<float> numbers(static_cast<size_t>(count));
    for (int64_t t = 0; t < count; ++t) {
      numbers[static_cast<size_t>(t)] = number(data, along_stride ? t * layout.stride + r : r * layout.stride + t, layout.type, compute);
    }
    return numbers;
  }
};

void multiply(const LtMatmulDescriptor& p, const Factor& a, const Factor& b, float beta, float* d, const LtMatrixLayout& to) {
  std::vector<std::vector<float>> left;
  for (int64_t r = 0; r < static_cast<int64_t>(to.rows); ++r) left.push_back(a.line(r, true, p.compute));
  for (int64_t c = 0; c < static_cast<int64_t>(to.cols); ++c) {
    const std::vector<float> right = b.line(c, false, p.compute);
    for (size_t r = 0; r < left.size(); ++r) {
      double sum = 0;
      for (size_t t = 0; t < right.size(); ++t) sum += static_cast<double>(left[r][t]) * right[t];
      float& number = d[c * to.stride + static_cast<int64_t>(r)];
      const float rounded = static_cast<float>(beta == 0 ? sum : sum + static_cast<double>(beta) * number);
      number = p.epilogue == kLtEpilogueBias ? rounded + p.bias[r] : rounded;
    }
  }
}

bool aligned(const void* p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; }

template <class T>
LtStatus set(T& to, const void* value, size_t bytes) {
  if (bytes != sizeof to) return kInvalidValue;
  std::memcpy(&to, value, bytes);
  return kSuccess;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

LtStatus cublasLtCreate(LtHandle* handle) {
  static LtContext context;
  *handle = &context;
  return kSuccess;
}

LtStatus cublasLtDestroy(LtHandle) { return kSuccess; }
size_t cublasLtGetVersion() { return 130101; }
const char* cublasLtGetStatusName(LtStatus status) { return status == kNotSupported ? "CUBLAS_STATUS_NOT_SUPPORTED" : "CUBLAS_STATUS_INVALID_VALUE"; }

LtStatus cublasLtMatmulDescCreate(LtMatmul* matmul, LtCompute compute, LtType scale) {
  *matmul = new LtMatmulDescriptor{compute};
  return scale == LtType::f32 ? kSuccess : kNotSupported;
}

LtStatus cublasLtMatmulDescDestroy(LtMatmul matmul) {
  delete matmul;
  return kSuccess;
}

LtStatus cublasLtMatmulDescSetAttribute(LtMatmul matmul, LtMatmulAttribute attribute, const void* value, size_t bytes) {
  switch (attribute) {
    case LtMatmulAttribute::transpose_a: return set(matmul->transpose_a, value, bytes);
    case LtMatmulAttribute::transpose_b: return set(matmul->transpose_b, value, bytes);
    case LtMatmulAttribute::epilogue: return set(matmul->epilogue, value, bytes);
    case LtMatmulAttribute::bias_pointer: return set(matmul->bias, value, bytes);
  }
  return kInvalidValue;
}

LtStatus cublasLtMatrixLayoutCreate(LtLayout* layout, LtType type, uint64_t rows, uint64_t cols, int64_t stride) {
  *layout = new LtMatrixLayout{type, rows, cols, stride};
  return kSuccess;
}

LtStatus cublasLtMatrixLayoutDestroy(LtLayout layout) {
  delete layout;
  return kSuccess;
}

LtStatus cublasLtMatmulPreferenceCreate(LtPreference* preference) {
  *preference = new LtMatmulPreference;
  return kSuccess;
}

LtStatus cublasLtMatmulPreferenceDestroy(LtPreference preference) {
  delete preference;
  return kSuccess;
}

LtStatus cublasLtMatmulPreferenceSetAttribute(LtPreference preference, LtPreferenceAttribute attribute, const void* value, size_t bytes) {
  if (attribute == LtPreferenceAttribute::workspace_bytes) return set(preference->workspace_bytes, value, bytes);
  if (attribute == LtPreferenceAttribute::reduction_schemes) return set(preference->reductions, value, bytes);
  return set(preference->alignments[static_cast<int32_t>(attribute) - static_cast<int32_t>(LtPreferenceAttribute::alignment_a)], value, bytes);
}

LtStatus cublasLtMatmulAlgoGetHeuristic(LtHandle, LtMatmul matmul, LtLayout a, LtLayout b, LtLayout c, LtLayout d, LtPreference preference, int wanted,
                                        LtHeuristic* best, int* found) {
  *found = 0;
  if (wanted < 1 || c != d || !fits(*matmul, *a, *b, *d)) return kInvalidValue;
  // What is promised of addresses is what calls keep.
  for (const uint32_t alignment : preference->alignments) {
    if (alignment > 16) return kNotSupported;
  }
  // Nor is anybody to ask for sums in an order that is not fixed.
  if (preference->reductions & kLtReductionInPlace) return kNotSupported;
  *best = {{{kAlgorithm}}, 0, kSuccess, 1.0f, {}};
  *found = 1;
  return kSuccess;
}

LtStatus cublasLtMatmul(LtHandle, LtMatmul matmul, const void* alpha, const void* a, LtLayout a_layout, const void* b, LtLayout b_layout, const void* beta,
                        const void* c, LtLayout c_layout, void* d, LtLayout d_layout, const LtAlgorithm* algorithm, void* workspace, size_t, cudaStream_t stream) {
  const float one = *static_cast<const float*>(alpha), keep = *static_cast<const float*>(beta);
  if (one != 1 || (keep != 0 && keep != 1) || c != d || c_layout != d_layout) return kNotSupported;
  if (!algorithm || algorithm->data[0] != kAlgorithm || !workspace || !fits(*matmul, *a_layout, *b_layout, *d_layout)) return kInvalidValue;
  if (!aligned(a) || !aligned(b) || !aligned(d) || (matmul->epilogue == kLtEpilogueBias && !aligned(matmul->bias))) return kInvalidValue;
  // Descriptors may change behind the call.
  const Factor left{a, *a_layout, matmul->transpose_a}, right{b, *b_layout, matmul->transpose_b};
  const cudaError_t error = emulation::submit(stream, [=, p = *matmul, to = *d_layout] { multiply(p, left, right, keep, static_cast<float*>(d), to); });
  return error == cudaSuccess ? kSuccess : kInvalidValue;
}

}  // extern "C"
#pragma GCC visibility pop
