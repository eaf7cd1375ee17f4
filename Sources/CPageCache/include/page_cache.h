// Reading what the kernel has in memory already: `preadv2` with RWF_NOWAIT, which Swift's Glibc does not name.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// Fills `bytes` from `offset`, if none of it has to be waited for. False if it has, or cannot be read so.
bool quantrac_read_cached(int descriptor, void *bytes, size_t count, off_t offset);
