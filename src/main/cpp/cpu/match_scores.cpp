// match_scores: s[p] = scale * e[left[p]] . e[right[p]]: cosines when e's rows have length 1.
//   e [N, d], left, right int32 [P] (rows of the whole batch) -> s [P, 1].
// match_scores_backward: de[left[p]] += scale ds[p] e[right[p]], de[right[p]] += scale ds[p] e[left[p]].
//   Overwrites de. Each thread makes a band of columns, pairs in ascending order: the same bits for any thread count.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// operands e, left, right, s; reals scale
void match_scores(const Step& step, const Instruction& i) {
  const int64_t d = i.operands[0].cols;
  const float* e = step.data<float>(i.operands[0]);
  const int32_t *left = step.data<int32_t>(i.operands[1]), *right = step.data<int32_t>(i.operands[2]);
  const Range mine = share(step, step.rows(i.operands[3]));
  for (int64_t p = mine.begin; p < mine.end; ++p) {
    const float *a = e + left[p] * d, *b = e + right[p] * d;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t c = 0; c < d; ++c) sum += a[c] * b[c];
    step.data<float>(i.operands[3])[p] = static_cast<float>(i.reals[0]) * sum;
  }
  barrier();
}

// operands ds, e, left, right, de
void match_scores_backward(const Step& step, const Instruction& i) {
  const Operand& de = i.operands[4];
  const int64_t d = de.cols, pairs = step.rows(i.operands[0]);
  const float *ds = step.data<float>(i.operands[0]), *e = step.data<float>(i.operands[1]);
  const int32_t *left = step.data<int32_t>(i.operands[2]), *right = step.data<int32_t>(i.operands[3]);
  float* out = step.data<float>(de);
  const Range band = share(step, d, kLanes);
  for (int64_t n = 0; n < step.rows(de); ++n) {
    for (int64_t c = band.begin; c < band.end; ++c) out[n * d + c] = 0;
  }
  for (int64_t p = 0; p < pairs; ++p) {
    const float weight = static_cast<float>(i.reals[0]) * ds[p];
    float *dl = out + left[p] * d, *dr = out + right[p] * d;
    const float *l = e + left[p] * d, *r = e + right[p] * d;
    for (int64_t c = band.begin; c < band.end; ++c) {
      dl[c] += weight * r[c];
      dr[c] += weight * l[c];
    }
  }
  barrier();
}

PRIMER_REGISTER("match_scores", 4, match_scores, nullptr, nullptr, nullptr)
PRIMER_REGISTER("match_scores_backward", 5, match_scores_backward, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
