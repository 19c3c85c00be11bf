// cuDNN's attention against its formulas in float64, on whichever libcudnn.so.9 the loader finds: in the build that is the stand-in, whose numbers
// these are then. Ends with 0 and a line for each case when all agree.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <utility>

#include "cudnn_attention.h"
#include "device/memory.h"

using namespace primer;
using namespace primer::cuda;

namespace {

// Factors are the same bf16 numbers on both sides; P, dS and what is written are rounded once each to bf16, whose unit is 2^-8. Rounding errors of a sum
// are independent and so no larger, relative to its norm, than one rounding's; do * o brings o's into dS.
constexpr double kTolerance = 3.0 / 256;
// lse is never rounded: what differs is float32's exp and the order of sums.
constexpr double kLseTolerance = 1e-5;

struct Case {
  const char* name;
  std::vector<int32_t> queries, keys;
  int64_t empty, heads, width;
  bool causal, same_offsets;
};

struct Matrix {
  int64_t rows, cols;
  std::vector<double> numbers;
  Matrix(int64_t r, int64_t c) : rows(r), cols(c), numbers(static_cast<size_t>(r * c)) {}
  double& at(int64_t r, int64_t c) { return numbers[static_cast<size_t>(r * cols + c)]; }
};

float to_bf16_and_back(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, 4);
  bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000u;
  std::memcpy(&v, &bits, 4);
  return v;
}

Matrix random_matrix(int64_t rows, int64_t cols, std::mt19937& random) {
  Matrix m(rows, cols);
  std::normal_distribution<float> normal;
  for (double& v : m.numbers) v = to_bf16_and_back(normal(random));
  return m;
}

std::vector<int32_t> offsets_of(const std::vector<int32_t>& lengths) {
  std::vector<int32_t> offsets{0};
  for (const int32_t length : lengths) offsets.push_back(offsets.back() + length);
  return offsets;
}

struct Reference {
  Matrix o, lse, dq, dk, dv;
};

Reference reference(const Case& c, double scale, Matrix& q, Matrix& k, Matrix& v, Matrix& d_o) {
  Reference r{Matrix(q.rows, q.cols), Matrix(q.rows, c.heads), Matrix(q.rows, q.cols), Matrix(k.rows, k.cols), Matrix(k.rows, k.cols)};
  const auto query_offsets = offsets_of(c.queries), key_offsets = offsets_of(c.keys);
  for (size_t n = 0; n < c.queries.size(); ++n)
    for (int64_t h = 0; h < c.heads; ++h)
      for (int64_t i = 0; i < c.queries[n]; ++i) {
        const int64_t row = query_offsets[n] + i, first = key_offsets[n], at = h * c.width, seen = c.causal ? c.keys[n] - c.queries[n] + i + 1 : c.keys[n];
        std::vector<double> p(static_cast<size_t>(seen)), dp(p.size());
        double sum = 0, mean = 0;
        for (int64_t j = 0; j < seen; ++j) {
          double s = 0;
          for (int64_t e = 0; e < c.width; ++e) s += q.at(row, at + e) * k.at(first + j, at + e);
          sum += p[static_cast<size_t>(j)] = std::exp(scale * s);
        }
        r.lse.at(row, h) = std::log(sum);
        for (int64_t j = 0; j < seen; ++j) {
          const size_t s = static_cast<size_t>(j);
          p[s] /= sum;
          for (int64_t e = 0; e < c.width; ++e) {
            r.o.at(row, at + e) += p[s] * v.at(first + j, at + e);
            r.dv.at(first + j, at + e) += p[s] * d_o.at(row, at + e);
            dp[s] += d_o.at(row, at + e) * v.at(first + j, at + e);
          }
          mean += p[s] * dp[s];
        }
        for (int64_t j = 0; j < seen; ++j) {
          const double ds = scale * p[static_cast<size_t>(j)] * (dp[static_cast<size_t>(j)] - mean);
          for (int64_t e = 0; e < c.width; ++e) {
            r.dq.at(row, at + e) += ds * k.at(first + j, at + e);
            r.dk.at(first + j, at + e) += ds * q.at(row, at + e);
          }
        }
      }
  return r;
}

// Device memory of a case, and the operands that name it.
class Memory {
 public:
  explicit Memory(cudaStream_t stream) : stream_(stream) {}

  template <class T>
  T* put(const std::vector<T>& host, size_t room) {
    pieces_.push_back(device_bytes(room * sizeof(T) + 64));
    T* at = static_cast<T*>(pieces_.back().get());
    check(cudaMemsetAsync(at, 0xFF, room * sizeof(T), stream_), "fill");
    check(cudaMemcpyAsync(at, host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice, stream_), "write");
    check(cudaStreamSynchronize(stream_), "write");
    return at;
  }
  Operand rows(const Matrix& m, int64_t axis, int64_t room) {
    return operand(put(std::vector<float>(m.numbers.begin(), m.numbers.end()), static_cast<size_t>(room * m.cols)), axis, room, m.cols);
  }
  static Operand operand(const void* at, int64_t axis, int64_t rows, int64_t cols) {
    return {Space::absolute, reinterpret_cast<int64_t>(at), 0, axis, rows, cols, Layout::plain};
  }
  std::vector<float> read(const Operand& o, int64_t rows) {
    std::vector<float> host(static_cast<size_t>(rows * o.cols));
    check(cudaMemcpyAsync(host.data(), reinterpret_cast<void*>(o.offset), host.size() * 4, cudaMemcpyDeviceToHost, stream_), "read");
    check(cudaStreamSynchronize(stream_), "read");
    return host;
  }

 private:
  cudaStream_t stream_;
  std::vector<DeviceBytes> pieces_;
};

bool agrees(const char* what, const std::vector<float>& found, const Matrix& expected, double tolerance) {
  double error = 0, norm = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    error += (found[i] - expected.numbers[i]) * (found[i] - expected.numbers[i]);
    norm += expected.numbers[i] * expected.numbers[i];
  }
  const double relative = std::sqrt(error / norm);
  std::printf(" %s %.2g", what, relative);
  return relative <= tolerance;
}

constexpr Operand kNone{Space::none, 0, 0, -1, 0, 0, Layout::plain};
constexpr int64_t kSequenceAxis = 0, kQueryAxis = 1, kKeyAxis = 2;
// Rows of the bucket that no sequence has.
constexpr int64_t kSpare = 3;

void run(const CudnnAttention& attention, cudnn::Handle handle, Launch launch, const Instruction& instruction, Memory& memory) {
  launch.scratch = memory.put(std::vector<char>(), static_cast<size_t>(attention.scratch_bytes()));
  attention.run(handle, launch, instruction);
}

bool check_case(const Case& c, cudnn::Handle handle, cudaStream_t stream) {
  std::mt19937 random(7);
  const int64_t d = c.heads * c.width, query_rows = offsets_of(c.queries).back(), key_rows = offsets_of(c.keys).back();
  const int64_t sequences = static_cast<int64_t>(c.queries.size());
  const double scale = 1 / std::sqrt(static_cast<double>(c.width));
  Matrix q = random_matrix(query_rows, d, random), k = random_matrix(key_rows, d, random), v = random_matrix(key_rows, d, random);
  Matrix d_o = random_matrix(query_rows, d, random);
  Reference expected = reference(c, scale, q, k, v, d_o);

  Memory memory(stream);
  const std::vector<int32_t> bucket{static_cast<int32_t>(sequences + c.empty), static_cast<int32_t>(query_rows + kSpare),
                                    static_cast<int32_t>(key_rows + kSpare)};
  // The first sequence is one lane's, the others another's: attention goes over all alike.
  std::vector<int32_t> axes;
  for (const auto& [first, all] : {std::pair{1, static_cast<int32_t>(sequences)}, std::pair{c.queries[0], static_cast<int32_t>(query_rows)},
                                   std::pair{c.keys[0], static_cast<int32_t>(key_rows)}}) {
    axes.insert(axes.end(), {0, first, all});
  }
  const Launch launch{stream, nullptr, nullptr, 2, memory.put(axes, axes.size()), bucket.data(), nullptr, 4, Precision::bf16};
  const auto offsets = [&](const std::vector<int32_t>& lengths) {
    return Memory::operand(memory.put(offsets_of(lengths), static_cast<size_t>(bucket[kSequenceAxis]) + 1), kSequenceAxis, bucket[kSequenceAxis], 1);
  };
  const auto rows = [&](const Matrix& m, int64_t axis) { return memory.rows(m, axis, bucket[static_cast<size_t>(axis)]); };
  const Operand query_offsets = offsets(c.queries), key_offsets = c.same_offsets ? query_offsets : offsets(c.keys);

  Instruction forward{};
  forward.dtype = DType::f32;
  const int64_t longest_queries = *std::max_element(c.queries.begin(), c.queries.end()), longest_keys = *std::max_element(c.keys.begin(), c.keys.end());
  forward.integers = {c.heads, c.causal, longest_queries, longest_keys, 0};
  forward.reals = {scale};
  const Operand o = rows(Matrix(0, d), kQueryAxis), lse = rows(Matrix(0, c.heads), kQueryAxis);
  forward.operands = {rows(q, kQueryAxis), rows(k, kKeyAxis), rows(v, kKeyAxis), query_offsets, key_offsets, kNone, kNone, kNone, o, lse};
  run(CudnnAttention({handle, nullptr}, CudnnAttentionProblem::of(launch, forward, false)), handle, launch, forward, memory);
  std::printf("%s:", c.name);
  bool good = agrees("o", memory.read(o, query_rows), expected.o, kTolerance) && agrees("lse", memory.read(lse, query_rows), expected.lse, kLseTolerance);

  Instruction backward{};
  backward.dtype = DType::f32;
  backward.integers = forward.integers;
  backward.reals = forward.reals;
  const Operand dq = rows(Matrix(0, d), kQueryAxis), dk = rows(Matrix(0, d), kKeyAxis), dv = rows(Matrix(0, d), kKeyAxis);
  backward.operands = {rows(d_o, kQueryAxis)};
  backward.operands.insert(backward.operands.end(), forward.operands.begin(), forward.operands.begin() + 8);
  backward.operands.insert(backward.operands.end(), {rows(expected.lse, kQueryAxis), dq, dk, dv, kNone, kNone, kNone});
  run(CudnnAttention({handle, nullptr}, CudnnAttentionProblem::of(launch, backward, true)), handle, launch, backward, memory);
  good = agrees("dq", memory.read(dq, query_rows), expected.dq, kTolerance) && good;
  good = agrees("dk", memory.read(dk, key_rows), expected.dk, kTolerance) && good;
  good = agrees("dv", memory.read(dv, key_rows), expected.dv, kTolerance) && good;
  std::printf(good ? "\n" : " WRONG\n");
  return good;
}

}  // namespace

int main() {
  const Case cases[] = {
      {"encoder", {5, 1, 17, 8}, {5, 1, 17, 8}, 0, 3, 16, false, true},
      {"encoder, sequences missing", {9, 4}, {9, 4}, 2, 2, 8, false, true},
      {"decoder", {6, 13, 1}, {6, 13, 1}, 1, 2, 24, true, true},
      {"decoder behind a cache", {1, 4, 7}, {5, 4, 19}, 1, 2, 16, true, false},
      {"cross-attention", {3, 11}, {20, 2}, 1, 4, 16, false, false},
  };
  std::printf("cuDNN %s\n", cudnn::finding().c_str());
  cudaStream_t stream = nullptr;
  check(cudaSetDevice(0), "choose the device");
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "make a stream");
  bool good = true;
  {
    const cudnn::OwnedHandle handle = cudnn::handle(stream);
    for (const Case& c : cases) good = check_case(c, handle.get(), stream) && good;
  }
  check(cudaStreamDestroy(stream), "end the stream");
  return good ? 0 : 1;
}
