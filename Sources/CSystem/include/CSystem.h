#pragma once

#include <stddef.h>

/// Names the calling thread (at most 15 bytes) for debuggers and profilers.
void glissade_name_thread(const char *name);

/// The processors that this process may use, or 0 where the kernel does not say.
int glissade_processor_count(void);

/// Tells the processor that this thread only waits: it lets the other thread of a core go on, and takes some 20 ns.
void glissade_pause(void);

/// Makes reads and writes of a descriptor go past the page cache, or through it again; -1 where its file system cannot.
int glissade_set_direct(int descriptor, int on);

/// Starts a program with these three streams and the environment of this process; its number, or the negative `errno`.
int glissade_spawn(const char *path, char *const arguments[], int input, int output, int errors);

/// Opens a file of the directory `directory` for direct reading, or for buffered reading and writing, or makes a new one of mode 0600 for direct writing and
/// reading; buffered where the file system knows no direct access. No link is followed. Gives -1 and `errno`.
int glissade_open_blocks(int directory, const char *name, int create, int direct);

/// Writes `count` bytes at `offset`, all of them, or gives -1 and `errno`. What had to be buffered is brought to
/// the disk and forgotten, so that no memory is kept for it, unless it is to be `cached`.
ptrdiff_t glissade_write_blocks(
    int file, const void *bytes, size_t count, long offset, int cached);

/// Reads up to `count` bytes from `offset`; fewer only at the end of the file. Gives -1 and `errno`.
ptrdiff_t glissade_read_blocks(int file, void *bytes, size_t count, long offset, int cached);

/// Notes an open directory as one that `glissade_remove_noted` removes; its place, or -1 where 16 are noted, or the path is
/// too long.
int glissade_note_removal(int directory, const char *path);

/// Forgets a directory that was noted; 0 where `glissade_remove_noted` has begun with it and still needs the descriptor.
int glissade_cancel_removal(int place, int directory);

/// Removes the noted directories with their files. A handler of signals may call it.
void glissade_remove_noted(void);

/// Has blocks of `count` bytes and more given back to the system as soon as they are freed.
void glissade_return_blocks(int count);

/// The bytes that the allocator has given to this process and not got back.
long glissade_heap_bytes(void);
