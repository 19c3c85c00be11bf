#!/usr/bin/env bash
# Builds a native library: build.sh BUILD_FOLDER DNNL_FOLDER OUTPUT_FOLDER TEST_OUTPUT_FOLDER TARGET CMAKE_OPTION... Maven calls it.
set -eu
build=$1 dnnl=$2 output=$3 tests=$4 target=$5
shift 5
source=$(cd "$(dirname "$0")/.." && pwd)

need() {
  command -v "$1" >/dev/null 2>&1 && return
  echo "primer4j: '$1' is missing; install $2 (Debian and Ubuntu: apt-get install $3) and build again." >&2
  exit 1
}
need cmake "CMake 3.20 or newer" cmake
need "${CXX:-c++}" "a C++20 compiler, GCC 11 or newer" g++

log=$build/$target.log
mkdir -p "$build" "$output"
if ! { cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DDNNL_HOME="$dnnl" -DPRIMER_OUTPUT="$output" -DPRIMER_TEST_OUTPUT="$tests" "$@" &&
  cmake --build "$build" --target "$target" --parallel "$(nproc)"; } >"$log" 2>&1; then
  cat "$log" >&2
  echo "primer4j: the native library $target does not build; the first error is above." >&2
  exit 1
fi
if [[ $target == primer_cuda ]]; then cat "$build/cuda.txt"; fi
