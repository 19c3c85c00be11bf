// match_scores: s[p] = scale * e[left[p]] . e[right[p]]: cosines when e's rows have length 1.
//   e [N, d], left, right int32 [P] (rows of the whole batch) -> s [P, 1].
// match_scores_backward: de[left[p]] += scale ds[p] e[right[p]], de[right[p]] += scale ds[p] e[left[p]].
//   Overwrites de, pairs in a fixed order (device/scatter.cuh).
#include "device/kernel.h"
#include "device/scatter.cuh"
#include "device/whole_rows.cuh"

namespace primer::cuda {
namespace {

// operands e, left, right, s; reals scale
void match_scores(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float* e = launch.data<const float>(o[0]);
  const int32_t *left = launch.data<const int32_t>(o[1]), *right = launch.data<const int32_t>(o[2]);
  float* s = launch.data<float>(o[3]);
  const int64_t d = o[0].cols;
  const float scale = static_cast<float>(i.reals[0]);
  Operand pairs = o[3];  // as many rows as there are pairs, as wide as e's
  pairs.cols = d;
  for_whole_rows<float>(launch, pairs, rows_aligned<float>(launch, {&o[0]}), [=] __device__(int64_t p, auto team) {
    const float *a = e + left[p] * d, *b = e + right[p] * d;
    float sum = 0;
    team.hold([=](auto part) { return load(a, part) * load(b, part); }).each([&](auto, const auto& v) { sum += total(v); });
    sum = team.sum(sum);
    if (team.leads()) s[p] = scale * sum;
  });
}

// operands ds, e, left, right, de
void match_scores_backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *ds = launch.data<const float>(o[0]), *e = launch.data<const float>(o[1]);
  const int32_t *left = launch.data<const int32_t>(o[2]), *right = launch.data<const int32_t>(o[3]);
  const int64_t d = o[4].cols;
  const float scale = static_cast<float>(i.reals[0]);
  scatter<float>(
      launch, {launch.rows(o[0]), 2}, o[4], rows_aligned<float>(launch, {&o[1], &o[4]}),
      [=] __device__(int64_t q) { return static_cast<int64_t>(q % 2 ? right[q / 2] : left[q / 2]); },
      [=] __device__(int64_t q, auto part) {
        const int64_t p = q / 2;
        return load(e + (q % 2 ? left[p] : right[p]) * d, part) * (scale * ds[p]);
      });
}

PRIMER_REGISTER("match_scores", 4, match_scores, nullptr, nullptr)
PRIMER_REGISTER("match_scores_backward", 5, match_scores_backward, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
