#include "core/bf16.h"

#include <immintrin.h>

#include <stdexcept>
#include <string>

#include "core/kernel.h"
#include "dnnl.hpp"

namespace primer {
namespace {

const char* find_obstacle() {
  if (!__builtin_cpu_supports("avx512bf16")) return "the processor has no avx512_bf16";
  if (chosen_isa() != Isa::avx512) return "PRIMER_ISA keeps the kernels from avx512";
  const unsigned wanted = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
  const bool there = (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & wanted) == wanted;
  return there ? "" : "ONEDNN_MAX_CPU_ISA keeps oneDNN from avx512_bf16";
}

}  // namespace

const char* bf16_obstacle() {
  static const char* const obstacle = find_obstacle();
  return obstacle;
}

void require_bf16() {
  const std::string obstacle = bf16_obstacle();
  if (!obstacle.empty()) throw std::runtime_error("bf16 weights cannot be used: " + obstacle);
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) void to_bf16(const float* from, uint16_t* to, int64_t count) {
  int64_t e = 0;
  for (; e + 32 <= count; e += 32) {
    const __m512bh rounded = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + e + 16), _mm512_loadu_ps(from + e));
    _mm512_storeu_si512(to + e, (__m512i)rounded);
  }
  for (; e < count; e += 16) {
    const int64_t left = count - e < 16 ? count - e : 16;
    const __mmask16 mask = static_cast<__mmask16>((1u << left) - 1);
    _mm256_mask_storeu_epi16(to + e, mask, (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, from + e)));
  }
}

}  // namespace primer
