// embedding: y[t] = s word[ids[t]] + position[positions[t]] + type[types[t]], where an id from V on takes prompt[id - V], unscaled,
// instead of a word.
//   tables word [V, d], position [P, d], type [Y, d], prompt [Q, d] shared or one copy a lane; ids, positions, types int32 [T]
//   -> y [T, d]. All but word and ids may be left out.
// Its backward pass is one scatter for each table that is trained.
// Floor: 4 d bytes a row written and as many read from each table.
#include "cpu/isa.h"

PRIMER_KERNELS {
namespace {

// operands word, position, type, prompt, ids, positions, types, y; reals s
enum { kWord, kPosition, kType, kPrompt, kIds, kPositions, kTypes, kY };

void add_row(const Step& step, const Operand& table, const Operand& index, int64_t lane, int64_t r, float* y) {
  if (!step.present(table)) return;
  const float* row = step.data<float>(table, lane) + step.data<int32_t>(index)[r] * table.cols;
#pragma omp simd
  for (int64_t c = 0; c < table.cols; ++c) y[c] += row[c];
}

void set_token(const Step& step, const Instruction& i, int64_t lane, int64_t r, float* y) {
  const Operand& word = i.operands[kWord];
  const int64_t id = step.data<int32_t>(i.operands[kIds])[r], d = word.cols;
  if (id >= word.rows) {
    std::memcpy(y, step.data<float>(i.operands[kPrompt], lane) + (id - word.rows) * d, static_cast<size_t>(d) * 4);
    return;
  }
  const float* row = step.data<float>(word, lane) + id * d;
  const float scale = static_cast<float>(i.reals[0]);
#pragma omp simd
  for (int64_t c = 0; c < d; ++c) y[c] = scale * row[c];
}

void embedding(const Step& step, const Instruction& i) {
  const auto& o = i.operands;
  for (int64_t lane = 0; lane < step.lanes; ++lane) {
    const Range rows = lane_rows(step, o[kY], lane);
    const Range mine = share(step, rows.end - rows.begin);
    for (int64_t r = rows.begin + mine.begin; r < rows.begin + mine.end; ++r) {
      float* y = step.data<float>(o[kY]) + r * o[kY].cols;
      set_token(step, i, lane, r, y);
      add_row(step, o[kPosition], o[kPositions], lane, r, y);
      add_row(step, o[kType], o[kTypes], lane, r, y);
    }
  }
  barrier();
}

PRIMER_REGISTER("embedding", 8, embedding, nullptr, nullptr, nullptr)

}  // namespace
}  // namespace primer::PRIMER_ISA
