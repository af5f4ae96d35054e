// Lets libdispatch look at its own threads from behind the fence.
//
// Once a second, while work waits, libdispatch reads `/proc/TID/stat` of each of its threads to see how many of them run,
// and ends the process where it cannot ("registered worker exited prematurely"). The fence lets `/proc/self` be read and
// nothing else of `/proc`; the same file lies at `/proc/self/task/TID/stat`. A program's own open() goes before libc's for
// all libraries that it is linked with, so this one is where libdispatch asks.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/types.h>

/// open(2), but a refused `/proc/N/stat` is looked for among this process's own threads.
int open(const char *path, int flags, ...) {
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    int opened = openat(AT_FDCWD, path, flags, mode);
    int thread, length = 0;
    if (opened >= 0 || errno != EACCES || sscanf(path, "/proc/%d/stat%n", &thread, &length) != 1 || length == 0
        || path[length] != '\0')
        return opened;
    char own[64];
    snprintf(own, sizeof own, "/proc/self/task/%d/stat", thread);
    opened = openat(AT_FDCWD, own, flags, mode);
    // Whoever asked for another process is told what he would have been told.
    if (opened < 0 && errno == ENOENT) errno = EACCES;
    return opened;
}
