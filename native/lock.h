/* lock.h: a lock on an open file that ends with the process that holds it. */
#ifndef CDBSERVE_LOCK_H
#define CDBSERVE_LOCK_H

/* 1: held from now on until the descriptor is closed; 0: another holds it; -errno. flock(2). */
int lock_try(int descriptor);

#endif
