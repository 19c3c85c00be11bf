// Relative positions (Raffel et al. 2020, sec. 2.1) as Java hands them over: the smallest distance of each bucket of one
// direction, ascending. The rule that makes these distances is RelativeBuckets.java's alone.
#pragma once

#include "device/launch.h"

namespace primer::cuda {

struct Buckets {
  const int64_t* smallest;  // on the device
  int32_t count;            // of one direction; 0 where there is no bias
  bool bidirectional;

  // The bucket of a relative position, key - query.
  __device__ int32_t of(int32_t relative) const {
    if (relative <= 0) return segment_of(smallest, count, -relative);
    return bidirectional ? count + segment_of(smallest, count, relative) : 0;
  }

  // The relative positions from lowest to highest, both included, are those of a bucket; none where lowest is the larger.
  struct Reach {
    int64_t lowest, highest;
  };
  __device__ Reach reach(int32_t bucket) const {
    constexpr int64_t kFar = int64_t{1} << 32;
    const int32_t b = bucket < count ? bucket : bucket - count;
    const int64_t near = smallest[b], far = b + 1 < count ? smallest[b + 1] - 1 : kFar;
    if (bucket >= count) return {near > 1 ? near : 1, far};
    return {-far, bidirectional || b > 0 ? -near : kFar};
  }
};

// From an instruction whose integers end with: bidirectional, smallest distances.
inline Buckets buckets_of(const Launch& launch, const Instruction& i, size_t at) {
  return {launch.integers + at + 1, static_cast<int32_t>(i.integers.size() - at) - 1, i.integers[at] != 0};
}

}  // namespace primer::cuda
