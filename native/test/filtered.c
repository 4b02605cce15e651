// filtered.c: takes the spawner's filter and becomes another program: filtered PROGRAM ARGUMENT...
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../spawner/filter.h"

int main(int count, char **arguments) {
  if (count < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 2;
  const int fault = filter_take();
  if (fault != 0) fprintf(stderr, "filtered: %s\n", strerror(fault));
  if (fault == 0) execv(arguments[1], arguments + 1);
  return 1;
}
