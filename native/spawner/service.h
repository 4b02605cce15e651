/* service.h: the spawner at work: requests in, workers out, until nobody asks any more. */
#ifndef CDBSERVE_SPAWNER_SERVICE_H
#define CDBSERVE_SPAWNER_SERVICE_H

#include "plan.h"

/* Says hello, and, where `unfiltered` is an errno, that this spawner has no filter: then it serves
 * nobody. Else answers requests on `control` until its other end is closed; then every worker is
 * killed. */
void service_run(const struct plan *plan, int control, int unfiltered);

#endif
