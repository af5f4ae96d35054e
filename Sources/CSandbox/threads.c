// Lets libdispatch count its threads from behind the fence.
#define _GNU_SOURCE
#include "CSandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

// Kept open: a rule of Landlock names an inode, and that of /proc/self is made anew once nobody holds it.
static int own_threads = -1;

int masque_see_threads(void) {
    own_threads = open("/proc/self/task", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return own_threads >= 0 ? 0 : errno;
}

// The part of “/proc/NUMBER/stat” behind “/proc/”, or NULL for another path.
static const char *thread_facts(const char *path) {
    static const char head[] = "/proc/";
    if (strncmp(path, head, sizeof head - 1) != 0) return NULL;
    const char *number = path + sizeof head - 1;
    size_t digits = strspn(number, "0123456789");
    return digits > 0 && strcmp(number + digits, "/stat") == 0 ? number : NULL;
}

/// Stands in front of the C library's open(3) for all of the program and its libraries.
///
/// Once a second, while work waits for its threads, libdispatch looks at /proc/THREAD/stat for each of them, and ends
/// the process by SIGILL when one cannot be opened (`_dispatch_workq_count_runnable_workers` in workqueue.c of
/// swift-corelibs-libdispatch). Landlock lets through /proc/PROCESS alone, and the same file lies there as
/// task/THREAD/stat. Nothing can be opened here that could not be opened by that name.
int open(const char *path, int flags, ...) {
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    int opened = openat(AT_FDCWD, path, flags, mode);
    if (opened >= 0 || errno != EACCES || own_threads < 0) return opened;
    const char *facts = thread_facts(path);
    if (facts == NULL) return opened;
    opened = openat(own_threads, facts, flags);
    // What is no thread of ours is refused as before.
    if (opened < 0 && errno == ENOENT) errno = EACCES;
    return opened;
}
