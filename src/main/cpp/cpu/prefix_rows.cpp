// A prefix of P rows a lane before the rows of each of its sequences, and the adjoints, float32 and float64:
//   prefix_prepend: p [P, d] a lane or none, x [T, d] or none -> y [T + P N, d]; zeros stand for what is none.
//   prefix_drop:    y [T + P N, d] -> x [T, d].
//   prefix_sum:     y [T + P N, d] -> p [P, d] a lane, over the lane's sequences in order (a band of columns a thread).
// All overwrite. The last two inputs are the offsets of the sequences without and with the prefix.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

template <class T>
void copy_or_clear(const T* from, int64_t count, T* to) {
  if (from) {
    std::memcpy(to, from, static_cast<size_t>(count) * sizeof(T));
  } else {
    std::memset(to, 0, static_cast<size_t>(count) * sizeof(T));
  }
}

// f(lane, first row without, rows, first row with) for every sequence in order.
template <class F>
void for_each_prefixed(const Step& step, const Operand& without, const Operand& with, F&& f) {
  const int32_t *own = step.data<int32_t>(without), *all = step.data<int32_t>(with);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range range = lane_rows(step, without, lane);
    for (int64_t n = range.begin; n < range.end; ++n) f(n, lane, own[n], own[n + 1] - own[n], all[n]);
  }
}

// operands p, x, offsets without, offsets with, y; integers P
template <class T>
void prepend(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[4].cols, prefix = i.integers[0];
  for_each_prefixed(step, o[2], o[3], [&](int64_t n, int64_t lane, int64_t own, int64_t rows, int64_t all) {
    if (n % step.threads != step.thread) return;
    T* y = step.data<T>(o[4]) + all * d;
    copy_or_clear<T>(step.present(o[0]) ? step.data<T>(o[0], lane) : nullptr, prefix * d, y);
    copy_or_clear<T>(step.present(o[1]) ? step.data<T>(o[1]) + own * d : nullptr, rows * d, y + prefix * d);
  });
  barrier();
}

// operands y, offsets without, offsets with, x; integers P
template <class T>
void drop(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[3].cols, prefix = i.integers[0];
  for_each_prefixed(step, o[1], o[2], [&](int64_t n, int64_t, int64_t own, int64_t rows, int64_t all) {
    if (n % step.threads == step.thread) copy_or_clear<T>(step.data<T>(o[0]) + (all + prefix) * d, rows * d, step.data<T>(o[3]) + own * d);
  });
  barrier();
}

// operands y, offsets without, offsets with, p; integers P
template <class T>
void sum(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  const int64_t d = o[3].cols, prefix = i.integers[0];
  const Range band = share(step, d, kLanes);
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    for (int64_t r = 0; r < prefix; ++r) {
      for (int64_t c = band.begin; c < band.end; ++c) step.data<T>(o[3], lane)[r * d + c] = 0;
    }
  }
  for_each_prefixed(step, o[1], o[2], [&](int64_t, int64_t lane, int64_t, int64_t, int64_t all) {
    const T* y = step.data<T>(o[0]) + all * d;
    T* p = step.data<T>(o[3], lane);
    for (int64_t r = 0; r < prefix; ++r) {
      for (int64_t c = band.begin; c < band.end; ++c) p[r * d + c] += y[r * d + c];
    }
  });
  barrier();
}

PRIMER_REGISTER("prefix_prepend", 5, prepend<float>, prepend<double>, nullptr, nullptr)
PRIMER_REGISTER("prefix_drop", 4, drop<float>, drop<double>, nullptr, nullptr)
PRIMER_REGISTER("prefix_sum", 4, sum<float>, sum<double>, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
