// The names of one level, free for the next.

#undef KERNEL
#undef TABLE
#undef NARROW_ROWS
#undef NARROW_BLOCK
