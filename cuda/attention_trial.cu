#include "attention_trial.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "device/cuda_device.h"
#include "device/kernel.h"
#include "device/loops.cuh"

namespace primer::cuda {
namespace {

// Of the median that decides; one more comes before, unmeasured.
constexpr size_t kRounds = 7;

// Places of operands: q, k, v and the offsets come behind `do` in the backward op.
enum Operands : size_t { kQ, kK, kV, kQueryOffsets, kKeyOffsets, kForwardInputs = 8, kO = 8, kLse };
enum BackwardOperands : size_t { kSavedLse = 9, kDq, kGradientsEnd = 13 };

// Evenly spread with mean 0 and variance 1: between -sqrt(3) and sqrt(3). A hash of the place, alike in every run.
__global__ void fill_kernel(int64_t count, uint32_t seed, float* to) {
  for (int64_t e = first_number(); e < count; e += number_step()) {
    uint32_t h = static_cast<uint32_t>(e) + seed * 0x9E3779B9u;
    h = (h ^ (h >> 16)) * 0x45D9F3Bu;
    h = (h ^ (h >> 16)) * 0x45D9F3Bu;
    to[e] = (static_cast<float>(h ^ (h >> 16)) * (1.0f / 2147483648.0f) - 1.0f) * 1.7320508f;
  }
}

// `count` sequences of one length: as many as the bucket has room for.
struct Lengths {
  int64_t count, queries, keys;

  explicit Lengths(const CudnnAttentionProblem& p) {
    queries = std::clamp<int64_t>(p.query_rows / p.shape.sequences, 1, p.shape.longest_queries);
    keys = std::clamp<int64_t>(p.key_rows / p.shape.sequences, 1, p.shape.longest_keys);
    // Every query sees a key.
    if (p.shape.seen == Seen::from_start) queries = keys = std::min(queries, keys);
    if (p.shape.seen == Seen::to_end) queries = std::min(queries, keys);
    count = std::min({p.shape.sequences, p.query_rows / queries, p.key_rows / keys});
  }
};

// The instruction on memory of its own.
class Trial {
 public:
  Trial(CudaDevice& device, const Launch& launch, const Instruction& instruction, bool backward, const CudnnAttention& cudnn)
      : device_(device), launch_(launch), lengths_(CudnnAttentionProblem::of(launch, instruction, backward)), backward_(backward) {
    launch_.attention = nullptr;
    copy(instruction, instruction_);
    for (Operand& o : instruction_.operands) place(o);
    const size_t first = backward ? 1 : 0;
    write_offsets(first + kQueryOffsets, lengths_.queries);
    if (address(instruction.operands[first + kKeyOffsets]) != address(instruction.operands[first + kQueryOffsets])) {
      write_offsets(first + kKeyOffsets, lengths_.keys);
    } else {
      instruction_.operands[first + kKeyOffsets] = instruction_.operands[first + kQueryOffsets];
    }
    write_axes(first);
    launch_.scratch = take(std::max(cudnn.scratch_bytes(), own_scratch(instruction_)));
    if (backward) save_lse();
  }

  void own() const { launcher(instruction_)(launch_, instruction_); }
  void cudnn(const CudnnAttention& attention, cudnn::Handle handle) const { attention.run(handle, launch_, instruction_); }

  // What is compared: o and lse; or all gradients together, as one alone may be nothing but rounding.
  std::vector<std::vector<float>> results() const {
    if (!backward_) return {numbers(kO, kLse), numbers(kLse, kLse + 1)};
    return {numbers(kDq, kGradientsEnd)};
  }

 private:
  static std::pair<Space, int64_t> address(const Operand& o) { return {o.space, o.offset}; }
  static Launcher launcher(const Instruction& i) { return kernel_at(i.kernel).f32; }

  static void copy(const Instruction& from, Instruction& to) {
    to.kernel = from.kernel;
    to.dtype = from.dtype;
    to.operands = from.operands;
    to.integers = from.integers;
    to.reals = from.reals;
  }

  std::vector<float> numbers(size_t first, size_t end) const {
    std::vector<float> all;
    for (size_t at = first; at < end; ++at) {
      const Operand& o = instruction_.operands[at];
      if (!launch_.present(o)) continue;
      const size_t size = all.size(), count = static_cast<size_t>(rows_[static_cast<size_t>(o.axis)] * o.cols);
      all.resize(size + count);
      device_.read(all.data() + size, o.offset, static_cast<int64_t>(count * sizeof(float)));
    }
    return all;
  }

  int64_t own_scratch(const Instruction& i) const { return kernel_at(i.kernel).scratch.bytes(i, launch_.lanes, launch_.precision); }

  char* take(int64_t bytes) {
    memory_.push_back(device_bytes(static_cast<size_t>(bytes) + 64));
    return static_cast<char*>(memory_.back().get());
  }

  // Offsets have one number more than sequences.
  void place(Operand& o) {
    if (!launch_.present(o)) return;
    const int64_t count = (launch_.most_rows(o) + 1) * o.cols;
    o.space = Space::absolute;
    o.offset = reinterpret_cast<int64_t>(take(count * static_cast<int64_t>(sizeof(float))));
    launch_(fill_kernel, blocks_for_numbers(launch_, count), kThreads, 0, count, static_cast<uint32_t>(memory_.size()), reinterpret_cast<float*>(o.offset));
  }

  void write_offsets(size_t at, int64_t length) {
    std::vector<int32_t> offsets;
    for (int64_t n = 0; n <= lengths_.count; ++n) offsets.push_back(static_cast<int32_t>(n * length));
    device_.write(instruction_.operands[at].offset, offsets.data(), static_cast<int64_t>(offsets.size() * sizeof(int32_t)));
  }

  // All rows are the first lane's: attention goes over all lanes' sequences alike.
  void write_axes(size_t first) {
    for (const auto& [at, rows] : {std::pair{first + kQ, lengths_.count * lengths_.queries}, std::pair{first + kK, lengths_.count * lengths_.keys},
                                   std::pair{first + kQueryOffsets, lengths_.count}, std::pair{first + kKeyOffsets, lengths_.count}}) {
      const size_t axis = static_cast<size_t>(instruction_.operands[at].axis);
      rows_.resize(std::max(rows_.size(), axis + 1));
      rows_[axis] = rows;
    }
    std::vector<int32_t> table;
    for (const int64_t rows : rows_) {
      table.push_back(0);
      table.insert(table.end(), static_cast<size_t>(launch_.lanes), static_cast<int32_t>(rows));
    }
    const int64_t bytes = static_cast<int64_t>(table.size() * sizeof(int32_t));
    char* at = take(bytes);
    device_.write(reinterpret_cast<int64_t>(at), table.data(), bytes);
    launch_.axes = reinterpret_cast<const int32_t*>(at);
  }

  // The backward pass takes probabilities from lse, which must be that of these scores.
  void save_lse() {
    Instruction forward;
    copy(instruction_, forward);
    forward.kernel = find_kernel("attention");
    forward.operands.assign(instruction_.operands.begin() + 1, instruction_.operands.begin() + 1 + kForwardInputs);
    Operand o = instruction_.operands[1 + kQ];
    o.offset = reinterpret_cast<int64_t>(take((launch_.most_rows(o) + 1) * o.cols * static_cast<int64_t>(sizeof(float))));
    forward.operands.push_back(o);
    forward.operands.push_back(instruction_.operands[kSavedLse]);
    Launch launch = launch_;
    launch.scratch = take(own_scratch(forward));
    launcher(forward)(launch, forward);
  }

  CudaDevice& device_;
  Launch launch_;
  Lengths lengths_;
  bool backward_;
  Instruction instruction_{};
  std::vector<int64_t> rows_;  // of each axis
  std::vector<DeviceBytes> memory_;
};

class Stopwatch {
 public:
  explicit Stopwatch(cudaStream_t stream) : stream_(stream) {}

  double seconds(cudaGraphExec_t graph) const {
    check(cudaEventRecord(start_, stream_), "time attention");
    check(cudaGraphLaunch(graph, stream_), "time attention");
    check(cudaEventRecord(end_, stream_), "time attention");
    check(cudaEventSynchronize(end_), "time attention");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, start_, end_), "time attention");
    return 1e-3 * milliseconds;
  }

 private:
  cudaStream_t stream_;
  Event start_{cudaEventDefault}, end_{cudaEventDefault};
};

double median(std::array<double, kRounds> times) {
  std::nth_element(times.begin(), times.begin() + kRounds / 2, times.end());
  return times[kRounds / 2];
}

// The largest of all results'; NaN where one of them is.
double difference(const std::vector<std::vector<float>>& own, const std::vector<std::vector<float>>& other) {
  double largest = 0;
  for (size_t r = 0; r < own.size(); ++r) {
    double error = 0, norm = 0;
    for (size_t i = 0; i < own[r].size(); ++i) {
      error += std::pow(double{own[r][i]} - other[r][i], 2);
      norm += std::pow(double{own[r][i]}, 2);
    }
    const double relative = std::sqrt(error / norm);
    if (std::isnan(relative)) return relative;
    largest = std::max(largest, relative);
  }
  return largest;
}

}  // namespace

AttentionTrial try_attention(CudaDevice& device, cudnn::Handle handle, const Launch& launch, const Instruction& instruction, bool backward,
                             const CudnnAttention& cudnn) {
  const Trial trial(device, launch, instruction, backward, cudnn);
  const ExecutableGraph own = device.capture([&] { trial.own(); }), other = device.capture([&] { trial.cudnn(cudnn, handle); });
  const Stopwatch watch(device.stream());
  watch.seconds(own.get());
  const auto expected = trial.results();
  watch.seconds(other.get());
  const double apart = difference(expected, trial.results());
  std::array<double, kRounds> own_times, other_times;
  for (size_t round = 0; round < kRounds; ++round) {
    own_times[round] = watch.seconds(own.get());
    other_times[round] = watch.seconds(other.get());
  }
  return {median(own_times), median(other_times), apart};
}

}  // namespace primer::cuda
