// The names of one level, free for the next.

#undef KERNEL
#undef TABLE
