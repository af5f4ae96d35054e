// Tries what the sandbox should refuse, for the self-test.
#define _GNU_SOURCE
#include "CSandbox.h"
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int masque_probe_socket(int family) {
    int made = socket(family, SOCK_STREAM, 0);
    if (made < 0) return errno;
    close(made);
    return 0;
}

int masque_probe_fork(void) {
    pid_t child = fork();
    if (child < 0) return errno;
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
    return 0;
}

int masque_probe_exec(const char *path) {
    // Something that is no program, so that a sandbox that does not hold gives another error than EPERM.
    char *none[] = {NULL};
    return execve(path, none, none) == 0 ? 0 : errno;
}

int masque_probe_ptrace(void) { return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : errno; }

int masque_probe_signal(pid_t to) { return kill(to, 0) == 0 ? 0 : errno; }

int masque_probe_memory(uint64_t bytes) {
    void *place = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) return errno;
    munmap(place, bytes);
    return 0;
}

int masque_probe_open_to_view(void) {
    struct rlimit core;
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 || getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0;
}

int masque_probe_mount(void) { return mount("none", "/nowhere", "tmpfs", 0, NULL) == 0 ? 0 : errno; }
