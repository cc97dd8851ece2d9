// Files read and written around the page cache: what is spilled because memory is short must not stay in memory.
// `O_DIRECT` and `sync_file_range` are shown only to C code that asks for GNU extensions.
#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int glissade_open_blocks(int directory, const char *name, int create, int direct) {
  // Not to be held up by a pipe that somebody has put there.
  int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  flags |= create ? O_RDWR | O_CREAT | O_EXCL : direct ? O_RDONLY : O_RDWR;
  direct = direct ? O_DIRECT : 0;
  for (;;) {
    int file = openat(directory, name, flags | direct, 0600);
    if (file >= 0) {
      // Small parts anywhere: what lies behind them is not wanted.
      if (!direct && !create) posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM);
      return file;
    }
    if (errno == EINTR) continue;
    if (errno != EINVAL || !direct) return -1;
    // Some file systems refuse it only after the file is made.
    direct = 0;
    if (create) unlinkat(directory, name, 0);
  }
}

static int is_direct(int file) {
  int flags = fcntl(file, F_GETFL);
  return flags >= 0 && (flags & O_DIRECT);
}

/// Whether a call that failed may be tried again: after a signal, or from now on buffered.
static int may_retry(int file) {
  if (errno == EINTR) return 1;
  if (errno != EINVAL || !is_direct(file)) return 0;
  return fcntl(file, F_SETFL, fcntl(file, F_GETFL) & ~O_DIRECT) == 0;
}

ptrdiff_t glissade_write_blocks(
    int file, const void *bytes, size_t count, long offset, int cached) {
  size_t done = 0;
  while (done < count) {
    ssize_t put = pwrite(file, (const char *)bytes + done, count - done, offset + (long)done);
    if (put > 0) {
      done += (size_t)put;
    } else if (put == 0) {
      errno = EIO;
      return -1;
    } else if (!may_retry(file)) {
      return -1;
    }
  }
  if (!cached && !is_direct(file)) {
    // Not every file system can: then the kernel writes and forgets in its own time.
    sync_file_range(
        file, offset, (long)count,
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    posix_fadvise(file, offset, (long)count, POSIX_FADV_DONTNEED);
  }
  return (ptrdiff_t)done;
}

ptrdiff_t glissade_read_blocks(int file, void *bytes, size_t count, long offset, int cached) {
  size_t done = 0;
  while (done < count) {
    ssize_t got = pread(file, (char *)bytes + done, count - done, offset + (long)done);
    if (got > 0) {
      done += (size_t)got;
    } else if (got == 0) {
      break;
    } else if (!may_retry(file)) {
      return -1;
    }
  }
  if (!cached && !is_direct(file)) {
    posix_fadvise(file, offset, (long)count, POSIX_FADV_DONTNEED);
  }
  return (ptrdiff_t)done;
}
