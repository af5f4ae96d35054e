// System calls that a media process has no business with, refused by a seccomp filter (seccomp(2)).
#define _GNU_SOURCE
#include "CSandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MASQUE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MASQUE_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef MASQUE_ARCH
// Newer than some headers.
#ifndef __NR_clone3
#define __NR_clone3 435
#endif
#ifndef __NR_pidfd_send_signal
#define __NR_pidfd_send_signal 424
#endif
#ifndef __NR_pidfd_getfd
#define __NR_pidfd_getfd 438
#endif
#ifndef __NR_mount_setattr
#define __NR_mount_setattr 442
#endif
#ifndef __NR_openat2
#define __NR_openat2 437
#endif
#ifndef __NR_process_madvise
#define __NR_process_madvise 440
#endif
#ifndef __NR_process_mrelease
#define __NR_process_mrelease 448
#endif
#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif
#ifndef __NR_setxattrat
#define __NR_setxattrat 463
#endif
#ifndef __NR_removexattrat
#define __NR_removexattrat 466
#endif
#ifndef __NR_file_setattr
#define __NR_file_setattr 469
#endif
#define IOPRIO_OF_PROCESS 1

#define FIELD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
#define ARGUMENT(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]))
#define GIVE(what) BPF_STMT(BPF_RET | BPF_K, (what))
// Gives `what` when the loaded number is `call`.
#define WHEN(call, what) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), GIVE(what)
#define REFUSE (SECCOMP_RET_ERRNO | EPERM)
#define UNKNOWN (SECCOMP_RET_ERRNO | ENOSYS)
#define END SECCOMP_RET_KILL_PROCESS
// Allows `call` where argument `n` names this process, 0 or by its number, and refuses it elsewhere.
#define FOR_SELF(call, n)                              \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 5), \
    ARGUMENT(n),                                       \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0),      \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, self, 1, 0),   \
    GIVE(REFUSE),                                      \
    GIVE(SECCOMP_RET_ALLOW)
// Allows `call` where the first argument is `kind` and the second 0, and refuses it elsewhere.
#define FOR_CALLER(call, kind)                         \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 6), \
    ARGUMENT(0),                                       \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (kind), 0, 2), \
    ARGUMENT(1),                                       \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),      \
    GIVE(REFUSE),                                      \
    GIVE(SECCOMP_RET_ALLOW)
// Refuses what Landlock before its third version lets through: emptying a file that may only be read (O_TRUNC without
// writing), and the access mode 3, which counts as neither reading nor writing.
#define NO_EMPTYING(call, n)                                              \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 7),                    \
    ARGUMENT(n),                                                          \
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, O_TRUNC | O_ACCMODE),             \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, O_TRUNC | O_RDONLY, 2, 0),        \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, O_TRUNC | O_ACCMODE, 1, 0),       \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, O_ACCMODE, 0, 1),                 \
    GIVE(REFUSE),                                                         \
    GIVE(SECCOMP_RET_ALLOW)

int masque_refuse_calls(void) {
    const unsigned self = (unsigned)getpid();
    struct sock_filter rules[] = {
        FIELD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MASQUE_ARCH, 1, 0),
        GIVE(END),
        FIELD(nr),
#if defined(__x86_64__)
        // The x32 interface has its own numbers for everything.
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
        GIVE(END),
        WHEN(__NR_fork, REFUSE),
        WHEN(__NR_vfork, REFUSE),
        NO_EMPTYING(__NR_open, 1),
        WHEN(__NR_chmod, REFUSE),
        WHEN(__NR_chown, REFUSE),
        WHEN(__NR_lchown, REFUSE),
        WHEN(__NR_utime, REFUSE),
        WHEN(__NR_utimes, REFUSE),
        WHEN(__NR_futimesat, REFUSE),
        WHEN(__NR_iopl, END),
        WHEN(__NR_ioperm, END),
#endif
        // Network
        WHEN(__NR_socket, REFUSE),
        WHEN(__NR_socketpair, REFUSE),
        WHEN(__NR_connect, REFUSE),
        WHEN(__NR_bind, REFUSE),
        WHEN(__NR_listen, REFUSE),
        WHEN(__NR_io_uring_setup, REFUSE),
        WHEN(__NR_io_uring_enter, REFUSE),
        WHEN(__NR_io_uring_register, REFUSE),
        // Programs and processes; glibc starts threads by clone when there is no clone3, whose flags no filter can see
        WHEN(__NR_execve, REFUSE),
        WHEN(__NR_execveat, REFUSE),
        WHEN(__NR_clone3, UNKNOWN),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 4),
        ARGUMENT(0),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1),
        GIVE(SECCOMP_RET_ALLOW),
        GIVE(REFUSE),
        // Others' processes
        WHEN(__NR_ptrace, REFUSE),
        WHEN(__NR_process_vm_readv, REFUSE),
        WHEN(__NR_process_vm_writev, REFUSE),
        WHEN(__NR_pidfd_open, REFUSE),
        WHEN(__NR_pidfd_getfd, REFUSE),
        WHEN(__NR_pidfd_send_signal, REFUSE),
        WHEN(__NR_tkill, REFUSE),
        WHEN(__NR_rt_sigqueueinfo, REFUSE),
        WHEN(__NR_rt_tgsigqueueinfo, REFUSE),
        WHEN(__NR_kcmp, REFUSE),
        WHEN(__NR_migrate_pages, REFUSE),
        WHEN(__NR_move_pages, REFUSE),
        WHEN(__NR_process_madvise, REFUSE),
        WHEN(__NR_process_mrelease, REFUSE),
        FOR_SELF(__NR_prlimit64, 0),
        FOR_SELF(__NR_sched_setaffinity, 0),
        FOR_SELF(__NR_sched_setparam, 0),
        FOR_SELF(__NR_sched_setscheduler, 0),
        FOR_SELF(__NR_sched_setattr, 0),
        FOR_CALLER(__NR_setpriority, PRIO_PROCESS),
        FOR_CALLER(__NR_ioprio_set, IOPRIO_OF_PROCESS),
        // Signals by way of a descriptor's owner
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_fcntl, 0, 6),
        ARGUMENT(1),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETOWN, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETOWN_EX, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETSIG, 0, 1),
        GIVE(REFUSE),
        GIVE(SECCOMP_RET_ALLOW),
        // What Landlock does not fence: owners, modes, attributes, times and, before its third version, lengths
        NO_EMPTYING(__NR_openat, 2),
        WHEN(__NR_openat2, UNKNOWN),
        WHEN(__NR_truncate, REFUSE),
        WHEN(__NR_fchmod, REFUSE),
        WHEN(__NR_fchmodat, REFUSE),
        WHEN(__NR_fchmodat2, REFUSE),
        WHEN(__NR_fchown, REFUSE),
        WHEN(__NR_fchownat, REFUSE),
        WHEN(__NR_setxattr, REFUSE),
        WHEN(__NR_lsetxattr, REFUSE),
        WHEN(__NR_fsetxattr, REFUSE),
        WHEN(__NR_setxattrat, REFUSE),
        WHEN(__NR_removexattr, REFUSE),
        WHEN(__NR_lremovexattr, REFUSE),
        WHEN(__NR_fremovexattr, REFUSE),
        WHEN(__NR_removexattrat, REFUSE),
        WHEN(__NR_file_setattr, REFUSE),
        WHEN(__NR_utimensat, REFUSE),
        // Memory, queues and locks that outlive the process
        WHEN(__NR_shmget, REFUSE),
        WHEN(__NR_shmat, REFUSE),
        WHEN(__NR_shmctl, REFUSE),
        WHEN(__NR_msgget, REFUSE),
        WHEN(__NR_msgsnd, REFUSE),
        WHEN(__NR_msgrcv, REFUSE),
        WHEN(__NR_msgctl, REFUSE),
        WHEN(__NR_semget, REFUSE),
        WHEN(__NR_semop, REFUSE),
        WHEN(__NR_semtimedop, REFUSE),
        WHEN(__NR_semctl, REFUSE),
        WHEN(__NR_mq_open, REFUSE),
        WHEN(__NR_mq_unlink, REFUSE),
        // Signals to itself, which abort() and thread libraries send
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_kill, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_tgkill, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JA, 4, 0, 0),
        ARGUMENT(0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, self, 1, 0),
        GIVE(REFUSE),
        GIVE(SECCOMP_RET_ALLOW),
        // The kernel's own matters
        WHEN(__NR_keyctl, REFUSE),
        WHEN(__NR_add_key, REFUSE),
        WHEN(__NR_request_key, REFUSE),
        WHEN(__NR_perf_event_open, REFUSE),
        WHEN(__NR_userfaultfd, REFUSE),
        WHEN(__NR_personality, REFUSE),
        WHEN(__NR_unshare, REFUSE),
        WHEN(__NR_setns, REFUSE),
        WHEN(__NR_chroot, REFUSE),
        WHEN(__NR_bpf, END),
        WHEN(__NR_mount, END),
        WHEN(__NR_umount2, END),
        WHEN(__NR_pivot_root, END),
        WHEN(__NR_move_mount, END),
        WHEN(__NR_open_tree, END),
        WHEN(__NR_fsopen, END),
        WHEN(__NR_fsmount, END),
        WHEN(__NR_mount_setattr, END),
        WHEN(__NR_open_by_handle_at, END),
        WHEN(__NR_init_module, END),
        WHEN(__NR_finit_module, END),
        WHEN(__NR_delete_module, END),
        WHEN(__NR_kexec_load, END),
        WHEN(__NR_kexec_file_load, END),
        WHEN(__NR_reboot, END),
        WHEN(__NR_swapon, END),
        WHEN(__NR_swapoff, END),
        WHEN(__NR_settimeofday, END),
        WHEN(__NR_clock_settime, END),
        GIVE(SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof rules / sizeof rules[0], .filter = rules};
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
    if (result == 0) return 0;
    // A positive number names a thread that could not be brought along.
    return result > 0 ? EBUSY : errno == EINVAL ? ENOSYS : errno;
}
#else
int masque_refuse_calls(void) { return ENOSYS; }
#endif
