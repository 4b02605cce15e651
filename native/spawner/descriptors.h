/* descriptors.h: which descriptors a process holds. */
#ifndef CDBSERVE_SPAWNER_DESCRIPTORS_H
#define CDBSERVE_SPAWNER_DESCRIPTORS_H

#define DESCRIPTORS_MAX 128 /* sent with one request: standard error first */

/* Standard input and output lead nowhere, `given` follow from 2 upwards, then *report, which is
 * closed on exec; nothing else is open. 0 or an errno. */
int descriptors_place(const int *given, int count, int *report);

#endif
