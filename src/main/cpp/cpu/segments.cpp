// Sums over segments of rows and their adjoint, float32 and float64; segment n holds rows offsets[n]..offsets[n + 1]:
//   segment_sum:       x [T, d], offsets int32 [N + 1] -> y [N, d].
//   segment_broadcast: x [N, d], offsets int32 [N + 1] -> y [T, d].
//   segment_max:       x [T, d], offsets int32 [N + 1] -> y [N, d]; a constant to differentiation, for shifts that cancel.
//   pick_in_segment:   x [T, d], offsets, place int32 [N] -> y [N, d], y[n] = x[offsets[n] + place[n]].
//   place_in_segment:  x [N, d], offsets, place int32 [N] -> y [T, d], its adjoint: zeros but for the places.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

template <class T, class F>
void reduce(const Step& step, const Instruction& i, F&& f) {
  const Operand& y = i.operands[2];
  const int32_t* first = step.data<int32_t>(i.operands[1]);
  const Range mine = share(step, step.rows(y));
  for (int64_t n = mine.begin; n < mine.end; ++n) {
    for (int64_t c = 0; c < y.cols; ++c) {
      const T* x = step.data<T>(i.operands[0]) + c;
      step.data<T>(y)[n * y.cols + c] = f(x, first[n], first[n + 1], y.cols);
    }
  }
  barrier();
}

template <class T>
void segment_sum(const Step& step, const Instruction& i) {
  reduce<T>(step, i, [](const T* x, int64_t begin, int64_t end, int64_t stride) {
    T sum = 0;
    for (int64_t r = begin; r < end; ++r) sum += x[r * stride];
    return sum;
  });
}

template <class T>
void segment_max(const Step& step, const Instruction& i) {
  reduce<T>(step, i, [](const T* x, int64_t begin, int64_t end, int64_t stride) {
    T top = x[begin * stride];
    for (int64_t r = begin + 1; r < end; ++r) top = x[r * stride] > top ? x[r * stride] : top;
    return top;
  });
}

template <class T>
void segment_broadcast(const Step& step, const Instruction& i) {
  const Operand& x = i.operands[0];
  const int32_t* first = step.data<int32_t>(i.operands[1]);
  const Range mine = share(step, step.rows(x));
  for (int64_t n = mine.begin; n < mine.end; ++n) {
    for (int64_t r = first[n]; r < first[n + 1]; ++r) {
      std::memcpy(step.data<T>(i.operands[2]) + r * x.cols, step.data<T>(x) + n * x.cols, static_cast<size_t>(x.cols) * sizeof(T));
    }
  }
  barrier();
}

// operands x, offsets, place, y
template <class T>
void pick_in_segment(const Step& step, const Instruction& i) {
  const Operand& y = i.operands[3];
  const int32_t *first = step.data<int32_t>(i.operands[1]), *place = step.data<int32_t>(i.operands[2]);
  const Range mine = share(step, step.rows(y));
  for (int64_t n = mine.begin; n < mine.end; ++n) {
    for (int64_t c = 0; c < y.cols; ++c) {
      step.data<T>(y)[n * y.cols + c] = step.data<T>(i.operands[0])[(first[n] + place[n]) * y.cols + c];
    }
  }
  barrier();
}

template <class T>
void place_in_segment(const Step& step, const Instruction& i) {
  const Operand& x = i.operands[0];
  const int32_t *first = step.data<int32_t>(i.operands[1]), *place = step.data<int32_t>(i.operands[2]);
  const Range mine = share(step, step.rows(x));
  for (int64_t n = mine.begin; n < mine.end; ++n) {
    for (int64_t r = first[n]; r < first[n + 1]; ++r) {
      for (int64_t c = 0; c < x.cols; ++c) {
        step.data<T>(i.operands[3])[r * x.cols + c] = r == first[n] + place[n] ? step.data<T>(x)[n * x.cols + c] : T(0);
      }
    }
  }
  barrier();
}

PRIMER_REGISTER("pick_in_segment", 4, pick_in_segment<float>, pick_in_segment<double>, nullptr, nullptr)
PRIMER_REGISTER("place_in_segment", 4, place_in_segment<float>, place_in_segment<double>, nullptr, nullptr)
PRIMER_REGISTER("segment_sum", 3, segment_sum<float>, segment_sum<double>, nullptr, nullptr)
PRIMER_REGISTER("segment_max", 3, segment_max<float>, segment_max<double>, nullptr, nullptr)
PRIMER_REGISTER("segment_broadcast", 3, segment_broadcast<float>, segment_broadcast<double>, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
