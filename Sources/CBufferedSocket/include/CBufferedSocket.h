// A buffer between libmosquitto and its socket.
//
// The library reads a packet in three or four calls of read(2), of one byte each but the last; it writes each
// acknowledgement alone; and with each it writes a byte into a pipe of its own, for a thread that we do not have. Together
// these calls cost more than all the rest of taking a message in. The library offers no other way to its socket. But
// it is linked dynamically: where this file is part of the program, the library's read and write are the ones defined here.
// They are the C library's own, except for one socket on one thread. In a program where they are not (one that loads this
// code later than the C library) nothing is buffered, and all else is the same.
//
// It also makes our order of safety our own: nothing that the library writes leaves before quantrac_buffer_flush, whatever the
// library takes its threads' rules to be.
#pragma once
#include <stdbool.h>
#include <stddef.h>

/// From now on what this thread reads from the socket `fd` comes out of a buffer, and what it writes to it waits in another one.
/// One socket a thread; what was buffered for another one is thrown away. False if there is no memory: nothing is buffered then.
bool quantrac_buffer_begin(int fd);

/// Ends that, and throws away what is left. To be called once the descriptor is closed, or is to be, at the latest before this
/// thread opens another: which may get its number.
void quantrac_buffer_end(void);

/// Bytes that came from the socket, and that nobody has read yet: poll(2) does not know of them.
size_t quantrac_buffer_unread(void);

/// Bytes that wait for `quantrac_buffer_flush`.
size_t quantrac_buffer_unwritten(void);

/// Sends what waits, or as much as the kernel takes now. 0 if that went well, else the error's number.
int quantrac_buffer_flush(void);
