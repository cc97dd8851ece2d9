#pragma once

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
