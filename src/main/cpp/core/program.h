// A program is the planned op list of one graph: what Java sends once and then runs with one call a step.
//
// Encoding, in int64 words:
//   header:       lanes, axes, axis table offset (bytes in the arena: int32 [axes][lanes + 1]), instruction count
//   instruction:  kernel, dtype, stage, operands, integers, reals, then
//                 operands x {space, offset, lane stride, axis, rows, columns, layout}, integers, reals (double bits)
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace primer {

enum class DType : int64_t { f32 = 0, f64 = 1, i32 = 2 };

// Where a value lies: at an absolute address, in the program's arena, or nowhere (an optional operand left out).
enum class Space : int64_t { absolute = 0, arena = 1, none = 2 };

// How a value lies there: row by row, prepacked for a matrix product (core/gemm.h), or as bf16 row by row, rows of an even length.
enum class Layout : int64_t { plain = 0, packed_f32 = 1, packed_bf16 = 2, rows_bf16 = 3 };

struct Operand {
  Space space;
  int64_t offset;       // address, or bytes from the arena's start
  int64_t lane_stride;  // bytes from one lane's copy to the next; 0 where all lanes share the value
  int64_t axis;         // the axis that the rows run along, or -1 for a fixed number of rows
  int64_t rows, cols;   // rows: of one lane's copy when fixed, the capacity along an axis
  Layout layout;
};

struct Step;

// What a kernel prepares once for a program (GEMM primitives); owned by the instruction.
struct Prepared {
  virtual ~Prepared() = default;
};

struct Instruction {
  int32_t kernel;
  DType dtype;
  int64_t stage;
  std::vector<Operand> operands;
  std::vector<int64_t> integers;
  std::vector<double> reals;
  std::unique_ptr<Prepared> prepared;
};

// What one kernel sees of a running step. Kernels run inside one OpenMP parallel region: every thread calls every
// kernel, loops are shared by orphaned `omp for` constructs, whose closing barrier ends the instruction.
struct Step {
  char* arena;
  char* scratch;          // this thread's own
  int64_t lanes;
  const int32_t* axes;    // [axes][lanes + 1], first row of each lane
  int thread, threads;
  int64_t scratch_stride;  // bytes from one thread's scratch to the next

  const int32_t* lane_offsets(int64_t axis) const { return axes + axis * (lanes + 1); }
  int64_t axis_rows(int64_t axis) const { return lane_offsets(axis)[lanes]; }

  // Another thread's scratch, to be read behind a barrier.
  char* scratch_of(int other) const { return scratch + (other - thread) * scratch_stride; }

  bool present(const Operand& o) const { return o.space != Space::none; }

  template <class T>
  T* data(const Operand& o, int64_t lane = 0) const {
    char* base = o.space == Space::arena ? arena + o.offset : reinterpret_cast<char*>(o.offset);
    return reinterpret_cast<T*>(base + lane * o.lane_stride);
  }
  int64_t rows(const Operand& o) const { return o.axis >= 0 ? axis_rows(o.axis) : o.rows; }
};

class Program {
 public:
  Program(const int64_t* code, int64_t length, int threads);
  int64_t scratch_bytes() const { return scratch_per_thread_ * threads_; }
  void run(char* arena, char* scratch, int64_t stages, double* seconds);

 private:
  void run_thread(Step step, int64_t stages, double* seconds, std::string& error);

  int64_t lanes_, axes_, axis_table_;
  int threads_;
  int64_t scratch_per_thread_ = 0;
  std::vector<Instruction> instructions_;
};

}  // namespace primer
