// For struct ucred.
#define _GNU_SOURCE
#include "CBufferedSocket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// The C library's own, under the names that it keeps for itself.
extern ssize_t __read(int fd, void *to, size_t count);
extern ssize_t __write(int fd, const void *from, size_t count);

enum { capacity = 64 << 10 };

static _Thread_local struct {
    bool is_on;
    int fd;
    // The library's pipe to a thread that waits for its writes; −1 as long as it has not shown.
    int pipe;
    unsigned char *bytes; // `capacity` bytes that were read, then as many that are to be written.
    size_t read_from, read_to;
    size_t written_from, written_to;
} buffer;

bool quantrac_buffer_begin(int fd) {
    quantrac_buffer_end();
    buffer.bytes = malloc(2 * capacity);
    if (!buffer.bytes) return false;
    buffer.fd = fd;
    buffer.pipe = -1;
    buffer.is_on = true;
    return true;
}

void quantrac_buffer_end(void) {
    free(buffer.bytes);
    memset(&buffer, 0, sizeof buffer);
}

size_t quantrac_buffer_unread(void) { return buffer.read_to - buffer.read_from; }

size_t quantrac_buffer_unwritten(void) { return buffer.written_to - buffer.written_from; }

int quantrac_buffer_flush(void) {
    while (buffer.written_from < buffer.written_to) {
        const unsigned char *from = buffer.bytes + capacity + buffer.written_from;
        ssize_t sent = send(buffer.fd, from, quantrac_buffer_unwritten(), MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
        }
        buffer.written_from += (size_t)sent;
    }
    buffer.written_from = buffer.written_to = 0;
    return 0;
}

static ssize_t read_buffered(void *to, size_t count) {
    size_t there = quantrac_buffer_unread();
    if (there == 0) {
        if (count >= capacity) return __read(buffer.fd, to, count);
        ssize_t came = __read(buffer.fd, buffer.bytes, capacity);
        if (came <= 0) return came;
        buffer.read_from = 0;
        there = buffer.read_to = (size_t)came;
    }
    size_t taken = count < there ? count : there;
    memcpy(to, buffer.bytes + buffer.read_from, taken);
    buffer.read_from += taken;
    return (ssize_t)taken;
}

static ssize_t write_buffered(const void *from, size_t count) {
    if (buffer.written_to + count > capacity) {
        int failure = quantrac_buffer_flush();
        if (failure == 0 && quantrac_buffer_unwritten() > 0) failure = EAGAIN;
        if (failure != 0) {
            errno = failure;
            return -1;
        }
        if (count > capacity) return __write(buffer.fd, from, count);
    }
    memcpy(buffer.bytes + capacity + buffer.written_to, from, count);
    buffer.written_to += count;
    return (ssize_t)count;
}

/// Whether `fd` is one of a pair of local sockets that this process made. The journal's, and clients', have others at their end.
static bool is_own_pair(int fd) {
    int domain = 0;
    struct ucred peer;
    socklen_t domain_length = sizeof domain, peer_length = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_length) == 0 && domain == AF_UNIX
        && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_length) == 0 && peer.pid == getpid();
}

/// Whether a write is the library's call for a thread that does not exist: one byte, into a pair of local sockets.
static bool calls_nobody(int fd, size_t count) {
    if (count != 1) return false;
    if (buffer.pipe < 0 && is_own_pair(fd)) buffer.pipe = fd;
    return fd == buffer.pipe;
}

__attribute__((visibility("default"))) ssize_t read(int fd, void *to, size_t count) {
    return buffer.is_on && fd == buffer.fd && count > 0 ? read_buffered(to, count) : __read(fd, to, count);
}

__attribute__((visibility("default"))) ssize_t write(int fd, const void *from, size_t count) {
    if (!buffer.is_on) return __write(fd, from, count);
    if (fd == buffer.fd) return write_buffered(from, count);
    return calls_nobody(fd, count) ? (ssize_t)count : __write(fd, from, count);
}
