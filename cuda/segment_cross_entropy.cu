// segment_cross_entropy: each example e owns the scores of its candidates, rows offsets[e]..offsets[e + 1] of s.
//   loss[lane] = sum over the lane's examples of weight[e] * -log softmax(s of e)[label[e]].
//   s [P, 1], offsets int32 [E + 1], label int32 [E] (a place within the segment), weight [E, 1] -> loss [lanes][1, 1], p [P, 1].
// segment_cross_entropy_backward: ds[j] = dloss weight[e] (p[j] - [j is e's label]).   Overwrites. Saved: p.
//   Accumulation: float32 within an example, float64 over examples: a block a lane, then a tree.
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// Softmax of s into p; returns -log p[label].
__device__ float softmax(const float* s, float* p, int32_t n, int32_t label) {
  float top = s[0], sum = 0;
  for (int32_t j = 1; j < n; ++j) top = s[j] > top ? s[j] : top;
  for (int32_t j = 0; j < n; ++j) sum += p[j] = ::expf(s[j] - top);
  for (int32_t j = 0; j < n; ++j) p[j] /= sum;
  return ::logf(sum) - (s[label] - top);
}

// A block a lane, a thread an example.
__global__ void __launch_bounds__(kThreads) softmax_kernel(const float* s, float* p, const int32_t* first, const int32_t* label, const float* weight,
                                                           Rows examples, Laned<float> loss) {
  __shared__ double shared[kThreads / kWarp];
  const int32_t lane = static_cast<int32_t>(blockIdx.x);
  double sum = 0;
  for (int32_t e = examples.begin(lane) + static_cast<int32_t>(threadIdx.x); e < examples.end(lane); e += kThreads) {
    sum += static_cast<double>(weight[e]) * static_cast<double>(softmax(s + first[e], p + first[e], first[e + 1] - first[e], label[e]));
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) *loss.of(lane) = static_cast<float>(sum);
}

// operands s, offsets, label, weight, loss, p
void segment_cross_entropy(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  launch(softmax_kernel, u32(launch.lanes), kThreads, 0, launch.data<const float>(o[0]), launch.data<float>(o[5]), launch.data<const int32_t>(o[1]),
         launch.data<const int32_t>(o[2]), launch.data<const float>(o[3]), launch.rows(o[2]), launch.laned<float>(o[4]));
}

// operands dloss, p, offsets, label, weight, ds
void segment_cross_entropy_backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Laned<const float> dloss = launch.laned<const float>(o[0]);
  const float *p = launch.data<const float>(o[1]), *weight = launch.data<const float>(o[4]);
  const int32_t *first = launch.data<const int32_t>(o[2]), *label = launch.data<const int32_t>(o[3]);
  float* ds = launch.data<float>(o[5]);
  const Rows examples = launch.rows(o[3]);
  for_numbers(launch, o[3], [=] __device__(int64_t e, int32_t) {
    const float scale = *dloss.of(examples.lane_of(e)) * weight[e];
    for (int32_t j = first[e]; j < first[e + 1]; ++j) ds[j] = scale * (p[j] - (j - first[e] == label[e] ? 1.0f : 0.0f));
  });
}

PRIMER_REGISTER("segment_cross_entropy", 6, segment_cross_entropy, nullptr, nullptr)
PRIMER_REGISTER("segment_cross_entropy_backward", 6, segment_cross_entropy_backward, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
