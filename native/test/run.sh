#!/bin/sh
# run.sh: builds the native tests with sanitizers, runs them, prints a line a case and the sum.
set -eu
cd "$(dirname "$0")"
mkdir -p build
flags="-std=c++17 -O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer
  -fsanitize=address,undefined -fno-sanitize-recover=all"
ring="ring ring_accept ring_connection ring_receive ring_send ring_note ring_timers"
wrap="-Wl,--wrap=epoll_wait,--wrap=recvfrom,--wrap=sendmsg,--wrap=accept4,--wrap=epoll_ctl"

compile() { # source object
  if [ -e "$2" ] && [ -z "$(find "$1" ../*.h ./*.h -newer "$2")" ]; then return; fi
  ${CXX:-g++} $flags -c "$1" -o "$2"
}

cases="harness calls ring_data_test ring_send_test ring_close_test ring_limit_test
  ring_note_test peers_test ring_test"
for part in archive sealed listener peers status process journal $ring; do
  compile "../$part.cc" "build/$part.o"
done
for part in archive_test sealed_test listener_test process_test journal_test $cases; do
  compile "./$part.cc" "build/$part.o"
done

link() { # program, then objects and libraries
  program=build/$1
  shift
  ${CXX:-g++} $flags "$@" -o "$program"
}
objects() { for part in "$@"; do echo "build/$part.o"; done; }

link archive_test $(objects archive_test archive) -l:libcdb_pic.a
link sealed_test $(objects sealed_test sealed)
link listener_test $(objects listener_test listener)
link process_test $(objects process_test process)
link journal_test $(objects journal_test journal)
link ring_test $(objects $cases $ring journal listener peers status process) $wrap

passed=0
failed=0
for test in archive sealed listener process journal ring; do
  status=0
  "build/${test}_test" > "build/$test.out" 2>&1 || status=$?
  sed '$d' "build/$test.out"
  last=$(tail -n 1 "build/$test.out")
  case "$last" in
    *" passed, "*" failed")
      passed=$((passed + ${last%% passed*}))
      count=${last##*, }
      failed=$((failed + ${count%% failed}))
      ;;
    *)
      echo "$last"
      echo "FAILED ${test}_test ended with status $status before its last case"
      failed=$((failed + 1))
      ;;
  esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
