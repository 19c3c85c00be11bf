// match_scores: s[p] = scale * e[left[p]] . e[right[p]]: cosines when e's rows have length 1.
//   e [N, d], left, right int32 [P] (rows of the whole batch) -> s [P, 1].
// match_scores_backward: de[left[p]] += scale ds[p] e[right[p]], de[right[p]] += scale ds[p] e[left[p]].
//   Overwrites de. A thread has a column, pairs in ascending order.
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// operands e, left, right, s; reals scale
void match_scores(const Launch& launch, const Instruction& i) {
  const float* e = launch.data<const float>(i.operands[0]);
  const int32_t *left = launch.data<const int32_t>(i.operands[1]), *right = launch.data<const int32_t>(i.operands[2]);
  float* s = launch.data<float>(i.operands[3]);
  const int64_t d = i.operands[0].cols;
  const float scale = static_cast<float>(i.reals[0]);
  for_rows(launch, i.operands[3], [=] __device__(int64_t p, int32_t lane) {
    float sum = 0;
    for (int64_t c = lane; c < d; c += kWarp) sum += e[left[p] * d + c] * e[right[p] * d + c];
    sum = warp_sum(sum);
    if (lane == 0) s[p] = scale * sum;
  });
}

// operands ds, e, left, right, de
void match_scores_backward(const Launch& launch, const Instruction& i) {
  const float *ds = launch.data<const float>(i.operands[0]), *e = launch.data<const float>(i.operands[1]);
  const int32_t *left = launch.data<const int32_t>(i.operands[2]), *right = launch.data<const int32_t>(i.operands[3]);
  float* de = launch.data<float>(i.operands[4]);
  const Rows pairs = launch.rows(i.operands[0]), rows = launch.rows(i.operands[4]);
  const int64_t d = i.operands[4].cols;
  const float scale = static_cast<float>(i.reals[0]);
  for_copies(launch, 1, d, [=] __device__(int32_t, int64_t c) {
    for (int64_t n = 0; n < rows.total(); ++n) de[n * d + c] = 0;
    for (int64_t p = 0; p < pairs.total(); ++p) {
      const int64_t l = left[p] * d + c, r = right[p] * d + c;
      const float weight = scale * ds[p];
      de[l] += weight * e[r];
      de[r] += weight * e[l];
    }
  });
}

PRIMER_REGISTER("match_scores", 4, match_scores, nullptr, nullptr)
PRIMER_REGISTER("match_scores_backward", 5, match_scores_backward, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
