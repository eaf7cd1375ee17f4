#define _GNU_SOURCE
#include "page_cache.h"
#include <sys/uio.h>

bool quantrac_read_cached(int descriptor, void *bytes, size_t count, off_t offset) {
    struct iovec place = {.iov_base = bytes, .iov_len = count};
    // Less than all of it: the rest is not in memory.
    return preadv2(descriptor, &place, 1, offset, RWF_NOWAIT) == (ssize_t)count;
}
