#include "cublaslt.h"

#include <dlfcn.h>

#include <stdexcept>

#include "optional_library.h"

namespace primer::cuda {
namespace {

template <class F>
void find(void* library, const char* name, F*& function) {
  function = reinterpret_cast<F*>(dlsym(library, name));
  if (!function) throw std::runtime_error(std::string("the cuBLASLt that was found has no ") + name + "; install version 12 or 13");
}

CublasLt load() {
  void* library = open_cublaslt();
  if (!library) {
    throw std::runtime_error("cuBLASLt is not found, as " + cublaslt_names() + ", which computes products with dense weights; install NVIDIA's cuBLAS (a CUDA" +
                             " toolkit has it) where the loader finds it, or set PRIMER_CUDA_PRODUCTS=own for our own kernels, which compute in fp32 and bf16");
  }
  CublasLt lt{};
  find(library, "cublasLtCreate", lt.create);
  find(library, "cublasLtDestroy", lt.destroy);
  find(library, "cublasLtGetVersion", lt.version);
  find(library, "cublasLtGetStatusName", lt.status_name);
  find(library, "cublasLtMatmulDescCreate", lt.matmul_create);
  find(library, "cublasLtMatmulDescDestroy", lt.matmul_destroy);
  find(library, "cublasLtMatmulDescSetAttribute", lt.matmul_set);
  find(library, "cublasLtMatrixLayoutCreate", lt.layout_create);
  find(library, "cublasLtMatrixLayoutDestroy", lt.layout_destroy);
  find(library, "cublasLtMatmulPreferenceCreate", lt.preference_create);
  find(library, "cublasLtMatmulPreferenceDestroy", lt.preference_destroy);
  find(library, "cublasLtMatmulPreferenceSetAttribute", lt.preference_set);
  find(library, "cublasLtMatmulAlgoGetHeuristic", lt.heuristic);
  find(library, "cublasLtMatmul", lt.matmul);
  return lt;
}

}  // namespace

const CublasLt& cublaslt() {
  static const CublasLt lt = load();
  return lt;
}

std::string cublaslt_version() {
  const size_t version = cublaslt().version();
  return std::to_string(version / 10000) + "." + std::to_string(version % 10000 / 100) + "." + std::to_string(version % 100);
}

std::string cublaslt_finding() {
  try {
    return "present: " + cublaslt_version();
  } catch (const std::exception& missing) {
    return std::string("absent: ") + missing.what();
  }
}

}  // namespace primer::cuda
