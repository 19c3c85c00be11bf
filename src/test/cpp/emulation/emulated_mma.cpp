#include "emulated_mma.h"

#include <cmath>
#include <cstring>

#include "block.h"

namespace emulation {
namespace {

float number(uint32_t bits) {
  float v;
  std::memcpy(&v, &bits, sizeof v);
  return v;
}

// What each lane has published: its registers of a and b.
struct Factors {
  uint32_t a[4], b[2];
};

template <class T>
const T& of_lane(const Words* warp, uint32_t lane) { return *reinterpret_cast<const T*>(&warp[lane]); }

template <class T>
const Words* publish(const T& mine, int line) {
  static_assert(sizeof(T) <= sizeof(Words));
  Words words{};
  std::memcpy(&words, &mine, sizeof mine);
  return gather(words, line);
}

// Row and term, or column and term, of a factor: which lane has them in which register.
float bf16_number(uint32_t pair, uint32_t term) { return number(term % 2 ? pair & 0xFFFF0000u : pair << 16); }

float bf16_left(const Words* warp, uint32_t row, uint32_t term) {
  return bf16_number(of_lane<Factors>(warp, row % 8 * 4 + term % 8 / 2).a[row / 8 + 2 * (term / 8)], term);
}

float bf16_right(const Words* warp, uint32_t term, uint32_t col) {
  return bf16_number(of_lane<Factors>(warp, col * 4 + term % 8 / 2).b[term / 8], term);
}

float tf32_number(uint32_t bits) { return number(bits & 0xFFFFE000u); }

float tf32_left(const Words* warp, uint32_t row, uint32_t term) {
  return tf32_number(of_lane<Factors>(warp, row % 8 * 4 + term % 4).a[row / 8 + 2 * (term / 4)]);
}

float tf32_right(const Words* warp, uint32_t term, uint32_t col) { return tf32_number(of_lane<Factors>(warp, col * 4 + term % 4).b[term / 4]); }

template <class Left, class Right>
void multiply(float (&d)[4], const Words* warp, uint32_t terms, Left left, Right right) {
  const uint32_t lane = warp_lane();
  for (uint32_t e = 0; e < 4; ++e) {
    const uint32_t row = lane / 4 + e / 2 * 8, col = lane % 4 * 2 + e % 2;
    double sum = d[e];
    for (uint32_t t = 0; t < terms; ++t) sum += static_cast<double>(left(warp, row, t)) * right(warp, t, col);
    d[e] = static_cast<float>(sum);
  }
}

struct Row {
  uint16_t numbers[8];
};

}  // namespace

void mma_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  multiply(d, publish(Factors{{a[0], a[1], a[2], a[3]}, {b[0], b[1]}}, __LINE__), 16, bf16_left, bf16_right);
}

void mma_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  multiply(d, publish(Factors{{a[0], a[1], a[2], a[3]}, {b[0], b[1]}}, __LINE__), 8, tf32_left, tf32_right);
}

uint32_t to_tf32(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, sizeof bits);
  return std::isfinite(v) ? (bits + 0x1000u) & 0xFFFFE000u : std::isnan(v) ? 0x7FFFE000u : bits;
}

void load_matrices(uint32_t* r, const void* row, uint32_t matrices, bool transposed) {
  const uint32_t lane = warp_lane(), g = lane / 4, t = lane % 4;
  Row mine{};
  if (lane < 8 * matrices) {
    if (reinterpret_cast<uintptr_t>(row) % sizeof mine) fail("a matrix row that does not begin at a multiple of 16 bytes");
    std::memcpy(&mine, row, sizeof mine);
  }
  const Words* warp = publish(mine, __LINE__);
  for (uint32_t m = 0; m < matrices; ++m) {
    const auto number = [&](uint32_t at, uint32_t of) { return uint32_t{of_lane<Row>(warp, 8 * m + at).numbers[of]}; };
    r[m] = transposed ? number(2 * t, g) | number(2 * t + 1, g) << 16 : number(g, 2 * t) | number(g, 2 * t + 1) << 16;
  }
}

}  // namespace emulation
