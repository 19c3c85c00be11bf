// embedding: y[t] = s word[ids[t]] + position[positions[t]] + type[types[t]], where an id from V on takes prompt[id - V], unscaled,
// instead of a word.
//   tables word [V, d], position [P, d], type [Y, d], prompt [Q, d] shared or one copy a lane; ids, positions, types int32 [T]
//   -> y [T, d]. All but word and ids may be left out.
// Its backward pass is one scatter for each table that is trained.
// Floor: 4 d bytes a row written and as many read from each table.
#include "device/kernel.h"
#include "device/row_parts.cuh"

namespace primer::cuda {
namespace {

// operands word, position, type, prompt, ids, positions, types, y; reals s
enum { kWord, kPosition, kType, kPrompt, kIds, kPositions, kTypes, kY };

// A table and which of its rows each token takes.
struct Lookup {
  Laned<const float> table;
  const int32_t* index;
  __device__ const float* row(int32_t lane, int64_t r, int64_t d) const { return table ? table.of(lane) + index[r] * d : nullptr; }
};

void embedding(const Launch& launch, const Instruction& i) {
  const auto& o = i.operands;
  const Laned<const float> word = launch.laned<const float>(o[kWord]), prompt = launch.laned<const float>(o[kPrompt]);
  const Lookup positions{launch.laned<const float>(o[kPosition]), launch.data<const int32_t>(o[kPositions])};
  const Lookup types{launch.laned<const float>(o[kType]), launch.data<const int32_t>(o[kTypes])};
  const int32_t* ids = launch.data<const int32_t>(o[kIds]);
  float* y = launch.data<float>(o[kY]);
  const Rows rows = launch.rows(o[kY]);
  const int64_t d = o[kY].cols, words = o[kWord].rows;
  const float scale = static_cast<float>(i.reals[0]);
  const bool wide = rows_aligned<float>(launch, {&o[kWord], &o[kPosition], &o[kType], &o[kPrompt], &o[kY]});
  for_row_parts<float>(launch, o[kY], wide, [=] __device__(int64_t r, auto columns) {
    const int32_t lane = rows.lane_of(r);
    const int64_t id = ids[r];
    const float* token = id < words ? word.of(lane) + id * d : prompt.of(lane) + (id - words) * d;
    const float *position = positions.row(lane, r, d), *type = types.row(lane, r, d), factor = id < words ? scale : 1.0f;
    columns.map(y + r * d, [=](auto part) { return load(token, part) * factor + load_or_zero(position, part) + load_or_zero(type, part); });
  });
}

PRIMER_REGISTER("embedding", 8, embedding, nullptr, nullptr)

}  // namespace
}  // namespace primer::cuda
