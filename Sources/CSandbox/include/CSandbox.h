// What a process does to itself before it touches media: bonds, limits, refused system calls, a fence around its files.
// Every function returns 0 or an errno unless it says otherwise. Linux only.
#pragma once
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

static const int masque_memory = RLIMIT_DATA, masque_file_size = RLIMIT_FSIZE, masque_open_files = RLIMIT_NOFILE;

/// Has the kernel kill this process when the thread that started it ends; ESRCH when `parent` has ended already.
int masque_die_with_parent(pid_t parent);
/// No new privileges by any execve, no core dumps, no ptrace or /proc reading by others of the same user.
int masque_drop_privileges(void);
/// Gives up all capabilities of the calling thread and those it starts from now on, also root's: then root is bound by
/// the owners and modes of files as everybody is.
int masque_drop_capabilities(void);
/// Closes every descriptor from `first` on.
int masque_close_from(int first);
/// Sets soft and hard limit; `resource` is one of the numbers above. A lower hard limit stays.
int masque_limit(int resource, uint64_t value);
/// Soft CPU limit: what was used so far and `seconds` more; SIGXCPU ends the process then.
int masque_cpu_budget(uint64_t seconds);

/// Refuses system calls for all threads: network, new programs and processes, signals to others, and (by ending the
/// process) what only an intruder calls: mounts and modules; also what Landlock does not fence: modes, owners, attributes
/// and times of files, priorities of other processes, memory shared by System V. ENOSYS where the kernel or processor is not known.
int masque_refuse_calls(void);

/// Lets libraries look at /proc/THREAD/stat of this process's threads behind the fence, which is closed afterwards.
int masque_see_threads(void);
/// The version of Landlock in this kernel, 0 when it has none or it is off.
int masque_fence_version(void);
/// Begins a fence; a descriptor, or -errno.
int masque_fence_open(void);
/// Lets a file or folder and all beneath be read (`writes` 0), or also written, made and removed (1), or used as a device
/// (2). ENOENT when it is not there.
int masque_fence_allow(int fence, const char *path, int writes);
/// Closes the fence around the calling thread and those it starts from now on; closes the descriptor.
int masque_fence_close(int fence);

// Probes for the self-test: the errno that a refused call gives, 0 when it went through.
int masque_probe_socket(int family);
int masque_probe_fork(void);
int masque_probe_exec(const char *path);
int masque_probe_ptrace(void);
int masque_probe_signal(pid_t to);
int masque_probe_chmod(const char *path);
int masque_probe_xattr(const char *path);
int masque_probe_times(const char *path);
int masque_probe_truncate(const char *path);
/// Opens for reading what may be read, and empties it.
int masque_probe_open_emptying(const char *path);
int masque_probe_priority(pid_t of);
int masque_probe_affinity(pid_t of);
int masque_probe_queued_signal(pid_t to);
int masque_probe_descriptor_signal(pid_t to);
int masque_probe_shared_memory(void);
/// 1 when the calling thread has a capability.
int masque_probe_capable(void);
/// Opens /proc/THREAD/stat: 0 names the calling thread.
int masque_probe_thread(pid_t thread);
int masque_probe_memory(uint64_t bytes);
/// 1 when the process could leave a core dump or be traced by others of its user.
int masque_probe_open_to_view(void);
/// Calls mount(2): ends the process when the sandbox holds.
int masque_probe_mount(void);
