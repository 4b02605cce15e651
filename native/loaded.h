/* loaded.h: files that this process needs to run: what a worker's world must have.
 *
 * dl_iterate_phdr(3) gives the names the loader asked for; /proc/self/maps would give what symbolic
 * links lead to, under which the loader of the next process does not look.
 */
#ifndef CDBSERVE_LOADED_H
#define CDBSERVE_LOADED_H

#include <string>
#include <vector>

/* The interpreter of the program and every shared object, absolute, each once. */
std::vector<std::string> loaded_files(void);

#endif
