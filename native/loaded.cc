// loaded.cc: PT_INTERP and dl_iterate_phdr.
#include "loaded.h"

#include <link.h>

#include <algorithm>

static void keep(std::vector<std::string> *files, const char *name) {
  const std::string file = name;
  if (file.empty() || file[0] != '/') return;
  if (std::find(files->begin(), files->end(), file) == files->end()) files->push_back(file);
}

static int visit(struct dl_phdr_info *info, size_t, void *files_pointer) {
  auto *files = static_cast<std::vector<std::string> *>(files_pointer);
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) &header = info->dlpi_phdr[i];
    if (header.p_type != PT_INTERP) continue;
    keep(files, reinterpret_cast<const char *>(info->dlpi_addr + header.p_vaddr));
  }
  keep(files, info->dlpi_name);
  return 0;
}

std::vector<std::string> loaded_files(void) {
  std::vector<std::string> files;
  dl_iterate_phdr(visit, &files);
  return files;
}
