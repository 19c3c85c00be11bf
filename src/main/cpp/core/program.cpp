#include "core/program.h"

#include <omp.h>

#include <chrono>
#include <stdexcept>

#include "core/gemm.h"
#include "core/kernel.h"

namespace primer {
namespace {

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

Program::Program(const int64_t* code, int64_t length, int threads) : list_(read_op_list(code, length)), threads_(threads) {
  for (Instruction& i : list_.instructions) {
    const Kernel& kernel = kernel_at(i.kernel);
    function_of(i);
    if (kernel.prepare) i.prepared = kernel.prepare(i, threads);
    if (kernel.scratch) {
      scratch_per_thread_ = std::max(scratch_per_thread_, round_up(kernel.scratch(i, threads), 64));
    }
  }
}

void Program::run_thread(Step step, int64_t stages, double* seconds, std::string& error) {
  for (size_t k = 0; k < list_.instructions.size(); ++k) {
    const Instruction& i = list_.instructions[k];
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

void Program::run(const Place& place, int64_t stages, double* seconds) {
  std::string error;
  const int32_t* axes = reinterpret_cast<const int32_t*>(place.arena + list_.axis_table);
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
      run_thread(Step{place.arena, place.scratch + thread * scratch_per_thread_, list_.lanes, axes, thread, threads_, scratch_per_thread_}, stages,
                 seconds, error);
    }
  }
  omp_set_num_threads(threads_before);
  if (!error.empty()) throw std::runtime_error(error);
}

}  // namespace primer
