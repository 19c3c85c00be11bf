#include "core/program.h"

#include <omp.h>

#include <chrono>
#include <cstring>
#include <stdexcept>

#include "core/gemm.h"
#include "core/kernel.h"

namespace primer {
namespace {

// A pass over flat vectors has three numbers for each of a model's tensors.
constexpr int64_t kMostOperands = 64, kMostNumbers = 1 << 16;

// Reads words and refuses to read past the end.
class Words {
 public:
  Words(const int64_t* words, int64_t length) : at_(words), end_(words + length) {}
  int64_t next() {
    if (at_ == end_) throw std::runtime_error("program: the op list ends too early");
    return *at_++;
  }
  int64_t count(int64_t most) {
    const int64_t n = next();
    if (n < 0 || n > most) throw std::runtime_error("program: a count in the op list is out of range");
    return n;
  }
  double real() {
    const int64_t bits = next();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  bool done() const { return at_ == end_; }

 private:
  const int64_t* at_;
  const int64_t* end_;
};

Operand read_operand(Words& words) {
  Operand o;
  o.space = static_cast<Space>(words.count(2));
  o.offset = words.next();
  o.lane_stride = words.next();
  o.axis = words.next();
  o.rows = words.next();
  o.cols = words.next();
  o.layout = static_cast<Layout>(words.count(3));
  return o;
}

Instruction read_instruction(Words& words) {
  Instruction i;
  i.kernel = static_cast<int32_t>(words.next());
  i.dtype = static_cast<DType>(words.count(1));
  i.stage = words.count(31);
  const int64_t operands = words.count(kMostOperands), integers = words.count(kMostNumbers),
                reals = words.count(kMostOperands);
  for (int64_t k = 0; k < operands; ++k) i.operands.push_back(read_operand(words));
  for (int64_t k = 0; k < integers; ++k) i.integers.push_back(words.next());
  for (int64_t k = 0; k < reals; ++k) i.reals.push_back(words.real());
  return i;
}

Run function_of(const Instruction& i) {
  const Kernel& kernel = kernel_at(i.kernel);
  Run run = i.dtype == DType::f32 ? kernel.f32 : kernel.f64;
  if (i.operands.size() != kernel.operands) {
    throw std::runtime_error(std::string("program: ") + kernel.name + " takes " + std::to_string(kernel.operands) + " operands, not " +
                             std::to_string(i.operands.size()));
  }
  if (!run) throw std::runtime_error(std::string("program: ") + kernel.name + " has no kernel of that dtype");
  return run;
}

constexpr int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Program::Program(const int64_t* code, int64_t length, int threads) : threads_(threads) {
  Words words(code, length);
  lanes_ = words.count(1 << 20);
  axes_ = words.count(1 << 10);
  axis_table_ = words.next();
  const int64_t count = words.count(1 << 24);
  for (int64_t k = 0; k < count; ++k) {
    instructions_.push_back(read_instruction(words));
    Instruction& i = instructions_.back();
    const Kernel& kernel = kernel_at(i.kernel);
    function_of(i);
    if (kernel.prepare) i.prepared = kernel.prepare(i, threads);
    if (kernel.scratch) {
      scratch_per_thread_ = std::max(scratch_per_thread_, round_up(kernel.scratch(i, threads), 64));
    }
  }
  if (!words.done()) throw std::runtime_error("program: words are left over behind the op list");
}

void Program::run_thread(Step step, int64_t stages, double* seconds, std::string& error) {
  for (size_t k = 0; k < instructions_.size(); ++k) {
    const Instruction& i = instructions_[k];
    if (!(stages >> i.stage & 1)) continue;
    const double start = seconds && step.thread == 0 ? now() : 0;
    try {
      function_of(i)(step, i);
      throw_failed_product();
    } catch (const std::exception& problem) {
#pragma omp critical(primer_error)
      if (error.empty()) error = std::string(kernel_at(i.kernel).name) + ": " + problem.what();
    }
    if (seconds && step.thread == 0) seconds[k] += now() - start;
  }
}

void Program::run(char* arena, char* scratch, int64_t stages, double* seconds) {
  std::string error;
  const int32_t* axes = reinterpret_cast<const int32_t*>(arena + axis_table_);
  // oneDNN asks OpenMP for the number of threads; inside our region each of its calls is to use one.
  const int threads_before = omp_get_max_threads();
  omp_set_num_threads(1);
#pragma omp parallel num_threads(threads_)
  {
    const int thread = omp_get_thread_num();
    if (omp_get_num_threads() != threads_) {
#pragma omp critical(primer_error)
      error = "the system gave fewer threads than the program was prepared for; open the engine with fewer";
    } else {
      run_thread(Step{arena, scratch + thread * scratch_per_thread_, lanes_, axes, thread, threads_, scratch_per_thread_}, stages,
                 seconds, error);
    }
  }
  omp_set_num_threads(threads_before);
  if (!error.empty()) throw std::runtime_error(error);
}

}  // namespace primer
