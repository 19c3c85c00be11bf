#!/usr/bin/env bash
# keep_log.sh LOG COMMAND...: runs a compiler and keeps what it says, also when a later build has nothing to compile.
set -u
log=$1
shift
"$@" >"$log.new" 2>&1
status=$?
cat "$log.new"
mv "$log.new" "$log"
exit "$status"
