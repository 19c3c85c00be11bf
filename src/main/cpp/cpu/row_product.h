// What the kernels share that multiply rows by a weight through RowGemm.
#pragma once

#include "core/gemm.h"
#include "cpu/isa.h"

PRIMER_KERNELS {

constexpr int64_t kRowGrain = 16;

struct PreparedRows : Prepared {
  RowGemm gemm;
  PreparedRows(const WeightShape& shape, Layout layout, bool bias, int threads, int64_t most_rows = INT64_MAX)
      : gemm(shape, layout, bias, threads, most_rows) {}
};

static inline const RowGemm& gemm_of(const Instruction& i) { return static_cast<const PreparedRows&>(*i.prepared).gemm; }

// This thread's of some rows.
static inline Range my_rows(const Step& step, Range rows) {
  const Range mine = share(step, rows.end - rows.begin, kRowGrain);
  return {rows.begin + mine.begin, rows.begin + mine.end};
}

}  // namespace primer::PRIMER_ISA
