// Tries what the sandbox should refuse, for the self-test.
#define _GNU_SOURCE
#include "CSandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
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

// The probes of files set what is set already, so that a sandbox that does not hold changes nothing.

int masque_probe_chmod(const char *path) {
    struct stat now;
    if (stat(path, &now) != 0) return errno;
    return chmod(path, now.st_mode & 07777) == 0 ? 0 : errno;
}

int masque_probe_xattr(const char *path) {
    if (setxattr(path, "user.masque-self-test", "", 0, 0) != 0) return errno;
    removexattr(path, "user.masque-self-test");
    return 0;
}

int masque_probe_times(const char *path) {
    struct timespec same[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_OMIT}};
    return utimensat(AT_FDCWD, path, same, 0) == 0 ? 0 : errno;
}

// No file has this length.
int masque_probe_truncate(const char *path) { return truncate(path, -1) == 0 ? 0 : errno; }

int masque_probe_open_emptying(const char *path) {
    int opened = open(path, O_RDONLY | O_TRUNC | O_CLOEXEC);
    if (opened < 0) return errno;
    close(opened);
    return 0;
}

int masque_probe_priority(pid_t of) {
    // The one it has, so that nothing changes.
    errno = 0;
    int now = getpriority(PRIO_PROCESS, (id_t)of);
    if (now == -1 && errno != 0) return errno;
    return setpriority(PRIO_PROCESS, (id_t)of, now) == 0 ? 0 : errno;
}

int masque_probe_affinity(pid_t of) {
    cpu_set_t now;
    if (sched_getaffinity(of, sizeof now, &now) != 0) return errno;
    return sched_setaffinity(of, sizeof now, &now) == 0 ? 0 : errno;
}

int masque_probe_queued_signal(pid_t to) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    return syscall(SYS_rt_tgsigqueueinfo, to, to, 0, &info) == 0 ? 0 : errno;
}

int masque_probe_descriptor_signal(pid_t to) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    int result = fcntl(ends[0], F_SETOWN, to) == 0 ? 0 : errno;
    if (result == EPERM) result = fcntl(ends[0], F_SETSIG, SIGWINCH) == 0 ? 0 : errno;
    close(ends[0]);
    close(ends[1]);
    return result;
}

int masque_probe_shared_memory(void) {
    int made = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    if (made < 0) return errno;
    shmctl(made, IPC_RMID, NULL);
    return 0;
}

int masque_probe_capable(void) {
    struct __user_cap_header_struct who = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct has[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &who, has) != 0) return 1;
    for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
        if ((has[i].effective | has[i].permitted | has[i].inheritable) != 0) return 1;
    return 0;
}

int masque_probe_thread(pid_t thread) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", thread == 0 ? (int)gettid() : (int)thread);
    int opened = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (opened < 0) return errno;
    close(opened);
    return 0;
}

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
