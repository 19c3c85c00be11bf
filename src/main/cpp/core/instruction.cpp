#include "core/instruction.h"

#include <cstring>
#include <stdexcept>

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

}  // namespace

OpList read_op_list(const int64_t* code, int64_t length) {
  Words words(code, length);
  OpList list;
  list.lanes = words.count(1 << 20);
  list.axes = words.count(1 << 10);
  list.axis_table = words.next();
  const int64_t count = words.count(1 << 24);
  for (int64_t k = 0; k < count; ++k) list.instructions.push_back(read_instruction(words));
  if (!words.done()) throw std::runtime_error("program: words are left over behind the op list");
  return list;
}

}  // namespace primer
