#!/bin/sh
# run.sh SECONDS: builds each fuzzer with clang and runs it for that long over its corpus.
#
# New inputs stay in the build folder; one that teaches something is put into corpus/ by hand.
set -eu
cd "$(dirname "$0")"
seconds=${1:?usage: run.sh SECONDS}
build=../test/build/fuzz
mkdir -p "$build/archive" "$build/ring"
flags="-std=c++17 -O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer
  -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all"
ring=$(ls ../ring*.cc)

${CXX:-clang++} $flags fuzz_archive.cc ../archive.cc -l:libcdb_pic.a -o "$build/fuzz_archive"
beside="../journal.cc ../listener.cc ../peers.cc ../status.cc ../process.cc"
${CXX:-clang++} $flags fuzz_ring.cc $ring $beside -o "$build/fuzz_ring"
for name in archive ring; do
  echo "fuzz_$name for $seconds s"
  "$build/fuzz_$name" -max_total_time="$seconds" -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$build/" "$build/$name" "corpus/$name"
done
