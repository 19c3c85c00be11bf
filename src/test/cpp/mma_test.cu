// Holds the matrix instructions of cuda/device/mma.cuh against plain products: small whole numbers, so that every sum is exact in any
// order. Compiled for the host it checks the emulation, by nvcc a GPU. Prints what differs; the status is the number of failures.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <vector>

#include "device/launch.h"
#include "device/memory.h"
#include "device/mma.cuh"

namespace primer::cuda {
namespace {

constexpr int kRows = 16, kCols = 8, kBf16Terms = 16, kTf32Terms = 8;

// Factors row by row: left [rows, terms], right [cols, terms]; transposed [terms, rows] and [terms, cols].
struct Bf16Product {
  const Bf16 *left, *right;
  bool left_transposed, right_transposed;
};

// Rows of 8 numbers, apart as far as shared memory has them, by copies of 16 bytes.
__device__ void copy_rows(Bf16* to, const Bf16* from, int count) {
  const int lane = static_cast<int>(threadIdx.x);
  for (int e = lane; e < count / 8; e += 32) copy_async<16>(to + 8 * e, from + 8 * e, true);
  commit_copies();
}

__global__ void bf16_kernel(Bf16Product p, float* sums) {
  __shared__ __align__(16) Bf16 left[kRows * kBf16Terms];
  __shared__ __align__(16) Bf16 right[kCols * kBf16Terms];
  const int lane = static_cast<int>(threadIdx.x), row = lane % 8, matrix = lane / 8;
  copy_rows(left, p.left, kRows * kBf16Terms);
  copy_rows(right, p.right, kCols * kBf16Terms);
  wait_copies<0>();
  __syncwarp();
  uint32_t a[4], b[2];
  // Matrices of a: rows 0 to 7 or 8 to 15 by the first bit, terms by the second.
  if (p.left_transposed) {
    load_matrices_transposed(a, left + (row + matrix / 2 * 8) * kRows + matrix % 2 * 8);
  } else {
    load_matrices(a, left + (row + matrix % 2 * 8) * kBf16Terms + matrix / 2 * 8);
  }
  if (p.right_transposed) {
    load_matrices_transposed(b, right + (row + matrix % 2 * 8) * kCols);
  } else {
    load_matrices(b, right + row * kBf16Terms + matrix % 2 * 8);
  }
  const int g = lane / 4, t = lane % 4;
  float d[4] = {1, 1, 1, 1};
  mma_bf16(d, a, b);
  for (int e = 0; e < 4; ++e) sums[(g + e / 2 * 8) * kCols + 2 * t + e % 2] = d[e];
}

__global__ void tf32_kernel(const float* left, const float* right, float* sums) {
  const int lane = static_cast<int>(threadIdx.x), g = lane / 4, t = lane % 4;
  uint32_t a[4], b[2];
  for (int e = 0; e < 4; ++e) a[e] = to_tf32(left[(g + e % 2 * 8) * kTf32Terms + t + e / 2 * 4]);
  for (int e = 0; e < 2; ++e) b[e] = to_tf32(right[g * kTf32Terms + t + e * 4]);
  float d[4] = {1, 1, 1, 1};
  mma_tf32(d, a, b);
  for (int e = 0; e < 4; ++e) sums[(g + e / 2 * 8) * kCols + 2 * t + e % 2] = d[e];
}

// Rounding, and copies that bring zeros and wait for older groups alone.
__global__ void numbers_kernel(const float* v, uint32_t* tf32, uint32_t* bf16, float* copied) {
  __shared__ __align__(16) float at[2][32];
  const int lane = static_cast<int>(threadIdx.x);
  tf32[lane] = to_tf32(v[lane]);
  bf16[lane] = to_bf16(v[lane]).bits;
  copy_async<4>(&at[0][lane], v + lane, lane % 3 != 0);
  commit_copies();
  copy_async<4>(&at[1][lane], v + lane, true);
  commit_copies();
  wait_copies<1>();
  copied[lane] = at[0][lane];
  wait_copies<0>();
  copied[32 + lane] = at[1][lane];
}

int failures = 0;

void expect(const char* what, int at, double found, double expected) {
  if (found == expected || (std::isnan(found) && std::isnan(expected))) return;
  if (failures++ < 20) std::printf("%s, number %d: %g instead of %g\n", what, at, found, expected);
}

// Memory of both sides: what the host writes goes to the device by send, what a kernel writes comes back by fetch.
template <class T>
struct Array {
  std::vector<T> host;
  DeviceBytes device;
  explicit Array(size_t n) : host(n), device(device_bytes(n * sizeof(T))) {}
  T* send(cudaStream_t s) {
    check(cudaMemcpyAsync(device.get(), host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice, s), "send");
    return static_cast<T*>(device.get());
  }
  void fetch(cudaStream_t s) {
    check(cudaMemcpyAsync(host.data(), device.get(), host.size() * sizeof(T), cudaMemcpyDeviceToHost, s), "fetch");
    check(cudaStreamSynchronize(s), "fetch");
  }
};

// A whole number that depends on its place and is not symmetric in it.
int whole(int row, int term, int most) { return (row * 37 + term * 101 + row * term * 7) % (2 * most + 1) - most; }

Bf16 bf16_of(int whole_number) {
  const float v = static_cast<float>(whole_number);
  uint32_t bits;
  std::memcpy(&bits, &v, sizeof bits);
  return {static_cast<uint16_t>(bits >> 16)};
}

void compare(const char* what, const std::vector<float>& sums, int terms, int most) {
  for (int r = 0; r < kRows; ++r) {
    for (int c = 0; c < kCols; ++c) {
      int sum = 1;
      for (int t = 0; t < terms; ++t) sum += whole(r, t, most) * whole(c + 50, t, most);
      expect(what, r * kCols + c, sums[static_cast<size_t>(r * kCols + c)], sum);
    }
  }
}

void bf16_products(cudaStream_t stream) {
  constexpr int kMost = 100;
  for (int way = 0; way < 4; ++way) {
    const bool left_transposed = way & 1, right_transposed = way & 2;
    Array<Bf16> left(kRows * kBf16Terms), right(kCols * kBf16Terms);
    Array<float> sums(kRows * kCols);
    for (int t = 0; t < kBf16Terms; ++t) {
      for (int r = 0; r < kRows; ++r) left.host[static_cast<size_t>(left_transposed ? t * kRows + r : r * kBf16Terms + t)] = bf16_of(whole(r, t, kMost));
      for (int c = 0; c < kCols; ++c) right.host[static_cast<size_t>(right_transposed ? t * kCols + c : c * kBf16Terms + t)] = bf16_of(whole(c + 50, t, kMost));
    }
    start(stream, bf16_kernel, 1, 32, 0, Bf16Product{left.send(stream), right.send(stream), left_transposed, right_transposed}, sums.send(stream));
    sums.fetch(stream);
    compare("bf16", sums.host, kBf16Terms, kMost);
  }
}

void tf32_product(cudaStream_t stream) {
  constexpr int kMost = 1000;
  Array<float> left(kRows * kTf32Terms), right(kCols * kTf32Terms), sums(kRows * kCols);
  for (int t = 0; t < kTf32Terms; ++t) {
    for (int r = 0; r < kRows; ++r) left.host[static_cast<size_t>(r * kTf32Terms + t)] = static_cast<float>(whole(r, t, kMost));
    for (int c = 0; c < kCols; ++c) right.host[static_cast<size_t>(c * kTf32Terms + t)] = static_cast<float>(whole(c + 50, t, kMost));
  }
  start(stream, tf32_kernel, 1, 32, 0, left.send(stream), right.send(stream), sums.send(stream));
  sums.fetch(stream);
  compare("tf32", sums.host, kTf32Terms, kMost);
}

float as_float(uint32_t bits) {
  float v;
  std::memcpy(&v, &bits, sizeof v);
  return v;
}

void numbers(cudaStream_t stream) {
  // With what bf16 and tf32 make of them: on, below and above the middle between two.
  const float cases[][3] = {{1, 1, 1},
                            {1 + 0x1p-8f, 1, 1 + 0x1p-8f},
                            {1 + 3 * 0x1p-8f, 1 + 4 * 0x1p-8f, 1 + 3 * 0x1p-8f},
                            {1 + 0x1p-8f + 0x1p-20f, 1 + 0x1p-7f, 1 + 0x1p-8f},
                            {1 + 0x1p-11f, 1, 1 + 0x1p-10f},
                            {-1 - 0x1p-11f, -1, -1 - 0x1p-10f},
                            {1 + 0x1p-11f - 0x1p-23f, 1, 1},
                            {3e38f, as_float(0x7F620000), as_float(0x7F61C000)},
                            {INFINITY, INFINITY, INFINITY},
                            {NAN, NAN, NAN},
                            {-0.0f, -0.0f, -0.0f},
                            {0, 0, 0}};
  constexpr size_t kCases = sizeof cases / sizeof *cases;
  Array<float> v(32), copied(64);
  Array<uint32_t> tf32(32), bf16(32);
  for (size_t e = 0; e < 32; ++e) v.host[e] = cases[e % kCases][0];
  start(stream, numbers_kernel, 1, 32, 0, v.send(stream), tf32.send(stream), bf16.send(stream), copied.send(stream));
  tf32.fetch(stream);
  bf16.fetch(stream);
  copied.fetch(stream);
  for (size_t e = 0; e < 32; ++e) {
    const int at = static_cast<int>(e);
    expect("bf16 of a number", at, as_float(bf16.host[e] << 16), cases[e % kCases][1]);
    expect("tf32 of a number", at, as_float(tf32.host[e] & 0xFFFFE000u), cases[e % kCases][2]);
    expect("copied or zero", at, copied.host[e], e % 3 ? v.host[e] : 0);
    expect("copied", at, copied.host[32 + e], v.host[e]);
  }
}

int run() {
  cudaStream_t stream;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "make a stream");
  bf16_products(stream);
  tf32_product(stream);
  numbers(stream);
  check(cudaStreamDestroy(stream), "end a stream");
  return failures;
}

}  // namespace
}  // namespace primer::cuda

int main() {
  try {
    return primer::cuda::run();
  } catch (const std::exception& problem) {
    std::printf("%s\n", problem.what());
    return 1;
  }
}
