#!/usr/bin/env bash
# Runs every fuzz target of the module one after another, each for $1 (60s); with folders
# named after it, only those under them. Goes on after a finding and fails at the end.
# Inputs are minimized for a second at most: by default a minute goes into each new one,
# and none into looking for the next. Up to Go 1.26 a run may end in "context deadline exceeded"
# when its time is up (go.dev/issue/75804): without an input that is no finding.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-60s}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- .
found=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() { # dir target
  go test -run '^$' -fuzz "^$2\$" -fuzztime "$time" -fuzzminimizetime 1s "$1" </dev/null 2>&1 | tee "$log" && return
  grep -qx ' *context deadline exceeded' "$log" && ! grep -q -e 'Failing input written to' -e '^ *panic:' "$log"
}
while read -r file; do
  dir=./$(dirname "${file#./}")
  for target in $(sed -nE 's/^func (Fuzz[A-Za-z0-9_]+)\(.*/\1/p' "$file"); do
    echo "== $dir $target"
    run "$dir" "$target" || found+=("$dir $target")
  done
done < <(grep -rlE '^func Fuzz' --include='*_test.go' --exclude-dir=node_modules "$@" | sort)
[ ${#found[@]} -eq 0 ] || { printf 'found something: %s\n' "${found[@]}"; exit 1; }
