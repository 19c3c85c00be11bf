// What we use of cuBLASLt, declared by ourselves: neither building nor running needs its headers. The library is found at run time, by
// its name, so that one which the process has loaded already is the one that is used. Names, numbers and shapes of these declarations
// are those of cublasLt.h 13.1.1, against which they were checked; versions 12 and 13 share them.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <memory>
#include <string>

namespace primer::cuda {

enum class LtCompute : int32_t { f32 = 68, f32_pedantic = 69, f32_fast_tf32 = 77 };
enum class LtType : int32_t { f32 = 0, bf16 = 14 };
enum class LtMatmulAttribute : int32_t { transpose_a = 3, transpose_b = 4, epilogue = 7, bias_pointer = 8 };
enum class LtPreferenceAttribute : int32_t { workspace_bytes = 1, reduction_schemes = 3, alignment_a = 5, alignment_b = 6, alignment_c = 7, alignment_d = 8 };

constexpr int32_t kLtNotTransposed = 0, kLtTransposed = 1;
constexpr uint32_t kLtEpilogueDefault = 1, kLtEpilogueBias = 4;
// Where terms are split over blocks, the parts of a sum go into the result as blocks come to it, which we do not allow, or into the workspace, to
// be added in a step of their own.
constexpr uint32_t kLtReductionInPlace = 1, kLtReductionInWorkspace = 2 | 4;

using LtStatus = int32_t;  // 0 is success
using LtHandle = struct LtContext*;
using LtMatmul = struct LtMatmulDescriptor*;
using LtLayout = struct LtMatrixLayout*;
using LtPreference = struct LtMatmulPreference*;

struct LtAlgorithm { uint64_t data[8]; };

struct LtHeuristic {
  LtAlgorithm algorithm;
  size_t workspace_bytes;
  LtStatus state;
  float waves;
  int reserved[4];
};

// The library's functions. Matrices lie column by column; D = alpha op(A) op(B) + beta C, with the epilogue's bias a number a row of D.
struct CublasLt {
  LtStatus (*create)(LtHandle*);
  LtStatus (*destroy)(LtHandle);
  size_t (*version)();
  const char* (*status_name)(LtStatus);
  LtStatus (*matmul_create)(LtMatmul*, LtCompute, LtType scale);
  LtStatus (*matmul_destroy)(LtMatmul);
  LtStatus (*matmul_set)(LtMatmul, LtMatmulAttribute, const void*, size_t);
  LtStatus (*layout_create)(LtLayout*, LtType, uint64_t rows, uint64_t cols, int64_t stride);
  LtStatus (*layout_destroy)(LtLayout);
  LtStatus (*preference_create)(LtPreference*);
  LtStatus (*preference_destroy)(LtPreference);
  LtStatus (*preference_set)(LtPreference, LtPreferenceAttribute, const void*, size_t);
  LtStatus (*heuristic)(LtHandle, LtMatmul, LtLayout a, LtLayout b, LtLayout c, LtLayout d, LtPreference, int wanted, LtHeuristic*, int* found);
  LtStatus (*matmul)(LtHandle, LtMatmul, const void* alpha, const void* a, LtLayout, const void* b, LtLayout, const void* beta, const void* c, LtLayout,
                     void* d, LtLayout, const LtAlgorithm*, void* workspace, size_t workspace_bytes, cudaStream_t);
};

// Loaded once. Throws a sentence with what to do where there is none.
const CublasLt& cublaslt();

// Owners of the library's objects.
template <class T, LtStatus (*CublasLt::*kDestroy)(T*)>
struct LtDestroy { void operator()(T* object) const { (cublaslt().*kDestroy)(object); } };
template <class T, LtStatus (*CublasLt::*kDestroy)(T*)>
using LtOwner = std::unique_ptr<T, LtDestroy<T, kDestroy>>;
using OwnedLtHandle = LtOwner<LtContext, &CublasLt::destroy>;
using OwnedLtMatmul = LtOwner<LtMatmulDescriptor, &CublasLt::matmul_destroy>;
using OwnedLtLayout = LtOwner<LtMatrixLayout, &CublasLt::layout_destroy>;
using OwnedLtPreference = LtOwner<LtMatmulPreference, &CublasLt::preference_destroy>;
// "13.1.0". Throws where there is none.
std::string cublaslt_version();
// For people: its version, or what is missing.
std::string cublaslt_finding();

}  // namespace primer::cuda
