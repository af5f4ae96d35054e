// The files that a media process can reach, fenced by Landlock (landlock(7)).
#define _GNU_SOURCE
#include "CSandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Newer than the headers of Debian 12.
#define FS_TRUNCATE (1ULL << 14)
#define FS_IOCTL_DEV (1ULL << 15)
#define NET_BIND_TCP (1ULL << 0)
#define NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)

struct ruleset {
    uint64_t fs, net, scoped;
};

static const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
// No links, pipes, sockets or devices.
static const uint64_t writing = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
    LANDLOCK_ACCESS_FS_REFER | FS_TRUNCATE;
// What rules may name of a plain file.
static const uint64_t of_files = LANDLOCK_ACCESS_FS_WRITE_FILE |
    LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV;

static uint64_t handled(int version) {
    uint64_t all = (1ULL << 13) - 1;
    if (version >= 2) all |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3) all |= FS_TRUNCATE;
    if (version >= 5) all |= FS_IOCTL_DEV;
    return all;
}

int masque_fence_version(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? (int)version : 0;
}

int masque_fence_open(void) {
    int version = masque_fence_version();
    struct ruleset all = {.fs = handled(version)};
    size_t size = sizeof all.fs;
    if (version >= 4) {
        all.net = NET_BIND_TCP | NET_CONNECT_TCP;
        size = 2 * sizeof all.fs;
    }
    if (version >= 6) {
        all.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
        size = sizeof all;
    }
    long fence = syscall(SYS_landlock_create_ruleset, &all, size, 0);
    return fence >= 0 ? (int)fence : -errno;
}

int masque_fence_allow(int fence, const char *path, int writes) {
    int place = open(path, O_PATH | O_CLOEXEC);
    if (place < 0) return errno;
    struct stat status;
    int failure = fstat(place, &status) == 0 ? 0 : errno;
    if (failure == 0) {
        uint64_t access = reading;
        if (writes == 1) access |= writing;
        if (writes == 2) access |= LANDLOCK_ACCESS_FS_WRITE_FILE | FS_IOCTL_DEV;
        if (!S_ISDIR(status.st_mode)) access &= of_files;
        struct landlock_path_beneath_attr rule = {
            .allowed_access = access & handled(masque_fence_version()), .parent_fd = place};
        if (syscall(SYS_landlock_add_rule, fence, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) failure = errno;
    }
    close(place);
    return failure;
}

int masque_fence_close(int fence) {
    int failure = 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_landlock_restrict_self, fence, 0) != 0)
        failure = errno;
    close(fence);
    return failure;
}
