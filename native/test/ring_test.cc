// ring_test.cc: runs the cases of ring_data, ring_send, ring_close, ring_limit and ring_note.
#include "check.h"

int main(int count, char **arguments) {
  return check::run_cases(count, arguments);
}
