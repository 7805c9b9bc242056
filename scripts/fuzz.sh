#!/usr/bin/env bash
# Runs every fuzz target of the module one after another, each for $1 (60s); with folders
# named after it, only those under them. Goes on after a finding and fails at the end.
# Inputs are minimized for a second at most: by default a minute goes into each new one,
# and none into looking for the next.
set -eu
cd "$(dirname "$0")/.."
time=${1:-60s}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- .
found=()
while read -r file; do
  dir=./$(dirname "${file#./}")
  for target in $(sed -nE 's/^func (Fuzz[A-Za-z0-9_]+)\(.*/\1/p' "$file"); do
    echo "== $dir $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 1s "$dir" </dev/null || found+=("$dir $target")
  done
done < <(grep -rlE '^func Fuzz' --include='*_test.go' --exclude-dir=node_modules "$@" | sort)
[ ${#found[@]} -eq 0 ] || { printf 'found something: %s\n' "${found[@]}"; exit 1; }
