// Relative positions (Raffel et al. 2020, sec. 2.1) as Java hands them over: the smallest distance of each bucket of one
// direction, ascending. The rule that makes these distances is RelativeBuckets.java's alone.
#pragma once

#include "cpu/isa.h"

PRIMER_KERNELS {

struct Buckets {
  bool bidirectional;
  const int64_t* smallest;
  int64_t count;  // of one direction; 0 where there is no bias

  // From an instruction whose integers end with: bidirectional, smallest distances.
  static Buckets of(const Instruction& i, size_t at) {
    return {i.integers[at] != 0, i.integers.data() + at + 1, static_cast<int64_t>(i.integers.size() - at) - 1};
  }

  // f(relative, bucket) for every relative position (key - query) in [lowest, highest], lowest <= 0: from 0 down, then up.
  template <class F>
  void for_each(int64_t lowest, int64_t highest, F&& f) const {
    int64_t bucket = 0;
    for (int64_t distance = 0; distance <= -lowest; ++distance) {
      bucket = at_least(bucket, distance);
      f(-distance, bucket);
    }
    bucket = 0;
    for (int64_t distance = 1; distance <= highest; ++distance) {
      if (bidirectional) bucket = at_least(bucket, distance);
      f(distance, bidirectional ? count + bucket : 0);
    }
  }

 private:
  // The bucket of a distance, given that of a smaller one.
  int64_t at_least(int64_t bucket, int64_t distance) const {
    while (bucket + 1 < count && smallest[bucket + 1] <= distance) ++bucket;
    return bucket;
  }
};

}  // namespace primer::PRIMER_ISA
