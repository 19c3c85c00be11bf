// segment_cross_entropy: each example e owns the scores of its candidates, rows offsets[e]..offsets[e + 1] of s.
//   loss[lane] = sum over the lane's examples of weight[e] * -log softmax(s of e)[label[e]].
//   s [P, 1], offsets int32 [E + 1], label int32 [E] (a place within the segment), weight [E, 1] -> loss [lanes][1, 1], p [P, 1].
// segment_cross_entropy_backward: ds[j] = dloss weight[e] (p[j] - [j is e's label]).   Overwrites. Saved: p.
//   Accumulation: float32 within an example, float64 over examples.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// Softmax of s into p; returns -log p[label].
float softmax(const float* s, float* p, int64_t n, int64_t label) {
  float top = s[0], sum = 0;
  for (int64_t j = 1; j < n; ++j) top = s[j] > top ? s[j] : top;
  for (int64_t j = 0; j < n; ++j) sum += p[j] = std::exp(s[j] - top);
  for (int64_t j = 0; j < n; ++j) p[j] /= sum;
  return std::log(sum) - (s[label] - top);
}

// operands s, offsets, label, weight, loss, p
void segment_cross_entropy(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int32_t *first = step.data<int32_t>(o[1]), *label = step.data<int32_t>(o[2]);
  for (int64_t lane = step.thread; lane < step.lanes; lane += step.threads) {
    const Range examples = lane_rows(step, o[2], lane);
    double loss = 0;
    for (int64_t e = examples.begin; e < examples.end; ++e) {
      const int64_t at = first[e];
      loss += static_cast<double>(step.data<float>(o[3])[e]) *
              static_cast<double>(softmax(step.data<float>(o[0]) + at, step.data<float>(o[5]) + at, first[e + 1] - at, label[e]));
    }
    *step.data<float>(o[4], lane) = static_cast<float>(loss);
  }
  barrier();
}

// operands dloss, p, offsets, label, weight, ds
void segment_cross_entropy_backward(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int32_t *first = step.data<int32_t>(o[2]), *label = step.data<int32_t>(o[3]);
  for (int64_t lane = step.thread; lane < step.lanes; lane += step.threads) {
    const Range examples = lane_rows(step, o[3], lane);
    for (int64_t e = examples.begin; e < examples.end; ++e) {
      const float scale = *step.data<float>(o[0], lane) * step.data<float>(o[4])[e];
      for (int64_t j = first[e]; j < first[e + 1]; ++j) {
        const float target = j - first[e] == label[e] ? 1.0f : 0.0f;
        step.data<float>(o[5])[j] = scale * (step.data<float>(o[1])[j] - target);
      }
    }
  }
  barrier();
}

PRIMER_REGISTER("segment_cross_entropy", 6, segment_cross_entropy, nullptr, nullptr, nullptr)
PRIMER_REGISTER("segment_cross_entropy_backward", 6, segment_cross_entropy_backward, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
