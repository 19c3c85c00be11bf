// Adding rows into a table at given places, without atomics: a thread has a column of one copy of the table and takes the rows
// in ascending order. The same bits every time, at the price of as many steps as there are rows.
#pragma once

#include "loops.cuh"

namespace primer::cuda {

// table[place(r)] += x[r] from zero, for rows with place(r) >= 0; a table without copies gets the rows of all lanes.
template <class T, class F>
void scatter(const Launch& launch, const Operand& x, const Operand& table, F place) {
  const T* in = launch.data<const T>(x);
  const Laned<T> out = launch.laned<T>(table);
  const Rows rows = launch.rows(x), kept = launch.rows(table);
  const int64_t d = x.cols;
  const bool laned = table.axis < 0 && table.lane_stride != 0;
  for_copies(launch, laned ? launch.lanes : 1, d, [=] __device__(int32_t lane, int64_t c) {
    T* column = out.of(lane) + c;
    for (int64_t v = 0; v < kept.total(); ++v) column[v * d] = T(0);
    const int64_t begin = laned ? rows.begin(lane) : 0, end = laned ? rows.end(lane) : rows.total();
    for (int64_t r = begin; r < end; ++r) {
      const int64_t to = place(r);
      if (to >= 0) column[to * d] += in[r * d + c];
    }
  });
}

}  // namespace primer::cuda
