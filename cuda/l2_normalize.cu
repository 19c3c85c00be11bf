// l2_normalize: y = x / norm, norm = ||x|| over each row.   x [N, d] -> y [N, d], norm [N, 1].
// l2_normalize_backward: dx = (dy - y (y . dy)) / norm.   Overwrites. Saved: y, norm. Accumulation: float32, a row by a warp or block.
// Floor: bytes of all operands once, 8 a number forward and 12 backward.
#include "device/kernel.h"
#include "device/whole_rows.cuh"

namespace primer::cuda {
namespace {

// operands x, y, norm
void l2_normalize(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float* x = launch.data<const float>(o[0]);
  float *y = launch.data<float>(o[1]), *norms = launch.data<float>(o[2]);
  const int64_t d = o[0].cols;
  for_whole_rows<float>(launch, o[0], rows_aligned<float>(launch, {&o[0], &o[1]}), [=] __device__(int64_t n, auto team) {
    const auto row = team.hold([=](auto part) { return load(x + n * d, part); });
    float squares = 0;
    row.each([&](auto, const auto& v) { squares += total(v * v); });
    const float norm = ::sqrtf(team.sum(squares));
    if (team.leads()) norms[n] = norm;
    row.each([&](auto part, const auto& v) { store(y + n * d, part, v / norm); });
  });
}

template <class V>
struct Both {
  V dy, y;
};

// operands dy, y, norm, dx
void l2_normalize_backward(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const float *dy = launch.data<const float>(o[0]), *y = launch.data<const float>(o[1]), *norm = launch.data<const float>(o[2]);
  float* dx = launch.data<float>(o[3]);
  const int64_t d = o[0].cols;
  for_whole_rows<float>(launch, o[0], rows_aligned<float>(launch, {&o[0], &o[1], &o[3]}), [=] __device__(int64_t n, auto team) {
    const auto row = team.hold([=](auto part) { return Both{load(dy + n * d, part), load(y + n * d, part)}; });
    float along = 0;
    row.each([&](auto, const auto& v) { along += total(v.dy * v.y); });
    along = team.sum(along);
    const float inverse = 1.0f / norm[n];
    row.each([&](auto part, const auto& v) { store(dx + n * d, part, (v.dy - v.y * along) * inverse); });
  });
}

PRIMER_REGISTER("l2_normalize", 3, l2_normalize, nullptr, nullptr)
PRIMER_REGISTER("l2_normalize_backward", 4, l2_normalize_backward, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
