#!/usr/bin/env bash
# kernel_resources.sh OBJECTS TABLE ALLOWED: what ptxas -v says of each kernel (keep_log.sh keeps it), as a table: target, registers, stack frame, spill stores, spill
# loads (bytes), file, kernel. Fails where a kernel spills or has a stack frame and ALLOWED, regular expressions of files, does not name its file;
# without ALLOWED all pass.
set -eu -o pipefail
objects=$1 table=$2 allowed=${3:-}

rows() {
  find "$objects" -name '*.cu.o' | sort | while read -r object; do
    log=$object.log file=$(basename "$object" .cu.o)
    grep -q '^ptxas info' "$log" || { echo "primer4j: $log does not say what ptxas made of $file.cu" >&2; exit 1; }
    awk -v file="$file" '
      /Compiling entry function/ { split($0, quoted, "\x27"); kernel = quoted[2]; target = quoted[4]; properties = 0 }
      /Function properties for/ { properties = $NF == kernel }
      /bytes stack frame/ && properties { match($0, /[0-9]+ bytes stack/); split($0, n, /[^0-9]+/); frame = n[2]; stores = n[3]; loads = n[4] }
      /Used [0-9]+ registers/ && kernel { match($0, /Used [0-9]+/); print target, substr($0, RSTART + 5, RLENGTH - 5), frame, stores, loads, file, kernel; kernel = "" }
    ' OFS='\t' "$log"
  done
}

printf 'target\tregisters\tstack\tspill_stores\tspill_loads\tfile\tkernel\n' >"$table"
rows | c++filt >>"$table"

[[ -n $allowed ]] || exit 0
bad=$(awk -F '\t' 'NR > 1 && ($3 + $4 + $5 > 0)' "$table" | grep -v -f <(grep -v '^#' "$allowed" | awk '{ print "\t" $1 "\t" }') || true)
if [[ -n $bad ]]; then
  echo "primer4j: these kernels spill registers or have a stack frame (columns as in $table; cuda/stack_frames.txt allows some files):" >&2
  echo "$bad" >&2
  exit 1
fi
