// The planned op list of one graph, as Java sends it once: what every device's programs are made from.
//
// Encoding, in int64 words:
//   header:       lanes, axes, axis table offset (bytes in the arena: int32 [axes][lanes + 1]), instruction count
//   instruction:  kernel, dtype, stage, operands, integers, reals, then
//                 operands x {space, offset, lane stride, axis, rows, columns, layout}, integers, reals (double bits)
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace primer {

enum class DType : int64_t { f32 = 0, f64 = 1, i32 = 2 };

// Where a value lies: at an absolute address, in the program's arena, or nowhere (an optional operand left out).
enum class Space : int64_t { absolute = 0, arena = 1, none = 2 };

// How a value lies there: row by row, prepacked for a matrix product, or as bf16 row by row, rows of an even length.
enum class Layout : int64_t { plain = 0, packed_f32 = 1, packed_bf16 = 2, rows_bf16 = 3 };

struct Operand {
  Space space;
  int64_t offset;       // address, or bytes from the arena's start
  int64_t lane_stride;  // bytes from one lane's copy to the next; 0 where all lanes share the value
  int64_t axis;         // the axis that the rows run along, or -1 for a fixed number of rows
  int64_t rows, cols;   // rows: of one lane's copy when fixed, the capacity along an axis
  Layout layout;
};

// What a kernel prepares once for a program; owned by the instruction.
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

struct OpList {
  int64_t lanes, axes, axis_table;
  std::vector<Instruction> instructions;
};

// Throws on a malformed list.
OpList read_op_list(const int64_t* words, int64_t length);

}  // namespace primer
