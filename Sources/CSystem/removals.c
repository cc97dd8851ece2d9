// Directories that go with the process. What runs in a handler of signals here makes system calls and nothing else: no
// allocation, no lock.
#define _GNU_SOURCE
#include "CSystem.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Who has a place, beside directories: those have their descriptor and 1.
enum { nobody = 0, handler = -1, place_count = 16 };

static struct {
  atomic_int owner;
  char path[PATH_MAX];
} places[place_count];

int glissade_note_removal(int directory, const char *path) {
  if (strlen(path) >= PATH_MAX) return -1;
  for (int place = 0; place < place_count; place++) {
    int owner = nobody;
    // While the path is copied, the handler leaves the place alone.
    if (!atomic_compare_exchange_strong(&places[place].owner, &owner, handler)) continue;
    strcpy(places[place].path, path);
    atomic_store(&places[place].owner, directory + 1);
    return place;
  }
  return -1;
}

int glissade_cancel_removal(int place, int directory) {
  int owner = directory + 1;
  return atomic_compare_exchange_strong(&places[place].owner, &owner, nobody);
}

static void remove_files(int directory) {
  // With a cursor of its own.
  int listing = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (listing < 0) return;
  _Alignas(struct dirent64) char entries[4096];
  long count;
  while ((count = syscall(SYS_getdents64, listing, entries, sizeof entries)) > 0) {
    for (long at = 0; at < count;) {
      struct dirent64 *entry = (struct dirent64 *)(entries + at);
      unlinkat(directory, entry->d_name, 0);
      at += entry->d_reclen;
    }
  }
  close(listing);
}

void glissade_remove_noted(void) {
  for (int place = 0; place < place_count; place++) {
    int owner = atomic_load(&places[place].owner);
    if (owner == nobody || owner == handler) continue;
    if (!atomic_compare_exchange_strong(&places[place].owner, &owner, handler)) continue;
    // Other threads go on and may make a file meanwhile, but not for ever.
    for (int attempt = 0; attempt < 100; attempt++) {
      remove_files(owner - 1);
      if (rmdir(places[place].path) == 0) break;
    }
  }
}
