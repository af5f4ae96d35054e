// The calls into OpenVINO's C library, looked up by name.
#define _GNU_SOURCE
#include "COpenVINO.h"

#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    int64_t rank;
    int64_t *dims;
} Shape;

typedef struct {
    const char *build;
    const char *description;
} Version;

// Result, name and parameters of each function that is called.
#define FUNCTIONS(X)                                                                                       \
    X(int, ov_get_openvino_version, (Version *))                                                           \
    X(void, ov_version_free, (Version *))                                                                  \
    X(const char *, ov_get_error_info, (int))                                                              \
    X(const char *, ov_get_last_err_msg, (void))                                                           \
    X(int, ov_core_create, (void **))                                                                      \
    X(int, ov_core_read_model, (const void *, const char *, const char *, void **))                        \
    X(int, ov_core_read_model_from_memory_buffer,                                                          \
      (const void *, const char *, size_t, const void *, void **))                                         \
    X(void, ov_model_free, (void *))                                                                       \
    X(int, ov_core_compile_model,                                                                          \
      (const void *, const void *, const char *, size_t, MasqueOvModel **, ...))                           \
    X(void, ov_compiled_model_free, (MasqueOvModel *))                                                     \
    X(int, ov_compiled_model_inputs_size, (const MasqueOvModel *, size_t *))                               \
    X(int, ov_compiled_model_outputs_size, (const MasqueOvModel *, size_t *))                              \
    X(int, ov_compiled_model_input_by_name, (const MasqueOvModel *, const char *, void **))                \
    X(int, ov_compiled_model_output_by_name, (const MasqueOvModel *, const char *, void **))               \
    X(int, ov_port_get_element_type, (const void *, int *))                                                \
    X(void, ov_output_const_port_free, (void *))                                                           \
    X(int, ov_compiled_model_create_infer_request, (const MasqueOvModel *, MasqueOvRequest **))            \
    X(void, ov_infer_request_free, (MasqueOvRequest *))                                                    \
    X(int, ov_infer_request_set_tensor, (MasqueOvRequest *, const char *, const MasqueOvTensor *))         \
    X(int, ov_infer_request_get_tensor, (const MasqueOvRequest *, const char *, MasqueOvTensor **))        \
    X(int, ov_infer_request_infer, (MasqueOvRequest *))                                                    \
    X(int, ov_tensor_create, (int, Shape, MasqueOvTensor **))                                              \
    X(int, ov_tensor_create_from_host_ptr, (int, Shape, void *, MasqueOvTensor **))                        \
    X(int, ov_tensor_get_shape, (const MasqueOvTensor *, Shape *))                                         \
    X(int, ov_shape_free, (Shape *))                                                                       \
    X(int, ov_tensor_get_element_type, (const MasqueOvTensor *, int *))                                    \
    X(int, ov_tensor_get_size, (const MasqueOvTensor *, size_t *))                                         \
    X(int, ov_tensor_get_byte_size, (const MasqueOvTensor *, size_t *))                                    \
    X(int, ov_tensor_data, (const MasqueOvTensor *, void **))                                              \
    X(void, ov_tensor_free, (MasqueOvTensor *))

struct MasqueOv {
#define MEMBER(result, name, parameters) result(*name) parameters;
    FUNCTIONS(MEMBER)
    void *core;
};

// The library's status for a parameter that it does not take.
#define STATUS_INVALID_PARAMETER (-14)

// Leaves the function with the status of a call that failed.
#define TRY(call)                 \
    do {                          \
        int failure = (call);     \
        if (failure) return failure; \
    } while (0)

// Whether the library numbers element types as this file does, judged by the size of one element.
static int types_are_as_expected(const MasqueOv *ov) {
    static const struct { int type; size_t size; } expected[] = {
        {MASQUE_OV_BOOL, 1},    {MASQUE_OV_FLOAT16, 2}, {MASQUE_OV_FLOAT32, 4}, {MASQUE_OV_FLOAT64, 8},
        {MASQUE_OV_INT32, 4},   {MASQUE_OV_INT64, 8},   {MASQUE_OV_UINT8, 1},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        int64_t one = 1;
        MasqueOvTensor *tensor = NULL;
        size_t size = 0;
        if (ov->ov_tensor_create(expected[i].type, (Shape){1, &one}, &tensor)) return 0;
        int status = ov->ov_tensor_get_byte_size(tensor, &size);
        ov->ov_tensor_free(tensor);
        if (status || size != expected[i].size) return 0;
    }
    return 1;
}

const MasqueOv *masque_ov_open(const char *path, char *message, size_t capacity) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        snprintf(message, capacity, "%s", reason ? reason : "the library cannot be opened");
        return NULL;
    }
    MasqueOv *ov = calloc(1, sizeof *ov);
    const char *missing = ov ? NULL : "memory";
#define LOOK_UP(result, name, parameters)                                    \
    if (!missing) {                                                          \
        *(void **)&ov->name = dlsym(library, #name);                         \
        if (!ov->name) missing = #name;                                      \
    }
    FUNCTIONS(LOOK_UP)
    if (missing) {
        snprintf(message, capacity, "it lacks %s", missing);
    } else if (!types_are_as_expected(ov)) {
        snprintf(message, capacity, "it is a version that numbers element types differently");
    } else if (ov->ov_core_create(&ov->core)) {
        snprintf(message, capacity, "%s", ov->ov_get_last_err_msg());
    } else {
        return ov;
    }
    free(ov);
    // The library stays mapped: it may have started threads.
    return NULL;
}

void masque_ov_version(const MasqueOv *ov, char *text, size_t capacity) {
    Version version = {0};
    if (ov->ov_get_openvino_version(&version)) {
        snprintf(text, capacity, "unknown");
        return;
    }
    snprintf(text, capacity, "%s", version.build);
    ov->ov_version_free(&version);
}

const char *masque_ov_message(const MasqueOv *ov, int status) {
    const char *message = ov->ov_get_last_err_msg();
    return message && *message ? message : ov->ov_get_error_info(status);
}

// A model to be read from a message, by a thread whose working folder is `/`.
typedef struct {
    const MasqueOv *ov;
    const char *graph;
    size_t count;
    void *model;
    int status;
} Reading;

static void *read_at_root(void *argument) {
    Reading *reading = argument;
    char folder[2];
    // A media process may not unshare anything; its folder is `/` already.
    int stands = unshare(CLONE_FS) == 0 ? chdir("/") == 0 : getcwd(folder, sizeof folder) && !strcmp(folder, "/");
    reading->status = stands ? reading->ov->ov_core_read_model_from_memory_buffer(
                                   reading->ov->core, reading->graph, reading->count, NULL, &reading->model)
                             : STATUS_INVALID_PARAMETER;
    return NULL;
}

// The library takes weights of a message only from below the thread's working folder.
static int read_in_place(const MasqueOv *ov, const char *graph, size_t count, void **model) {
    Reading reading = {ov, graph, count, NULL, 0};
    pthread_t thread;
    TRY(pthread_create(&thread, NULL, read_at_root, &reading));
    pthread_join(thread, NULL);
    *model = reading.model;
    return reading.status;
}

// Gives back pages of the file that are mapped only to be read; they come back from there when they are wanted.
static void let_go_of_pages(const struct stat *file) {
    FILE *maps = fopen("/proc/self/maps", "re");
    if (!maps) return;
    char line[512];
    while (fgets(line, sizeof line, maps)) {
        unsigned long start, end, inode;
        unsigned int high, low;
        char access[5];
        if (sscanf(line, "%lx-%lx %4s %*x %x:%x %lu", &start, &end, access, &high, &low, &inode) != 6) continue;
        if (inode == file->st_ino && makedev(high, low) == file->st_dev && access[0] == 'r' && access[1] == '-')
            madvise((void *)start, end - start, MADV_DONTNEED);
    }
    fclose(maps);
}

// Lets go of a file's pages now and then, so that weights which are packed already are not held in memory.
typedef struct {
    struct stat file;
    atomic_bool ends;
} Sweep;

static void *sweep_pages(void *argument) {
    Sweep *sweep = argument;
    while (!atomic_load(&sweep->ends)) {
        nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
        let_go_of_pages(&sweep->file);
    }
    return NULL;
}

int masque_ov_compile(
    const MasqueOv *ov, const char *path, const char *graph, size_t count, const char *precision, const char *threads,
    MasqueOvModel **out, int *in_place) {
    void *model = NULL;
    *in_place = graph && read_in_place(ov, graph, count, &model) == 0;
    if (!*in_place) TRY(ov->ov_core_read_model(ov->core, path, NULL, &model));
    Sweep sweep = {.ends = false};
    pthread_t sweeper;
    int sweeps = *in_place && stat(path, &sweep.file) == 0 && !pthread_create(&sweeper, NULL, sweep_pages, &sweep);
    // One stream: a run uses all its threads; several runs at once wait for each other. Threads are not pinned, since
    // decoding and encoding want the same cores.
    int status = ov->ov_core_compile_model(
        ov->core, model, "CPU", 10, out, "INFERENCE_PRECISION_HINT", precision, "INFERENCE_NUM_THREADS", threads,
        "PERFORMANCE_HINT", "LATENCY", "NUM_STREAMS", "1", "ENABLE_CPU_PINNING", "NO");
    ov->ov_model_free(model);
    if (sweeps) {
        atomic_store(&sweep.ends, true);
        pthread_join(sweeper, NULL);
    }
    malloc_trim(0);
    return status;
}

void masque_ov_release_model(const MasqueOv *ov, MasqueOvModel *model) { ov->ov_compiled_model_free(model); }

int masque_ov_counts(const MasqueOv *ov, const MasqueOvModel *model, size_t *inputs, size_t *outputs) {
    TRY(ov->ov_compiled_model_inputs_size(model, inputs));
    return ov->ov_compiled_model_outputs_size(model, outputs);
}

int masque_ov_type(const MasqueOv *ov, const MasqueOvModel *model, int output, const char *name, int *type) {
    void *port = NULL;
    TRY(output ? ov->ov_compiled_model_output_by_name(model, name, &port)
               : ov->ov_compiled_model_input_by_name(model, name, &port));
    int status = ov->ov_port_get_element_type(port, type);
    ov->ov_output_const_port_free(port);
    return status;
}

int masque_ov_create_request(const MasqueOv *ov, const MasqueOvModel *model, MasqueOvRequest **out) {
    return ov->ov_compiled_model_create_infer_request(model, out);
}

void masque_ov_release_request(const MasqueOv *ov, MasqueOvRequest *request) { ov->ov_infer_request_free(request); }

int masque_ov_wrap(
    const MasqueOv *ov, int type, const int64_t *shape, size_t rank, void *bytes, MasqueOvTensor **out) {
    int64_t dims[MASQUE_OV_MAX_RANK] = {0};
    if (rank > MASQUE_OV_MAX_RANK) return STATUS_INVALID_PARAMETER;
    if (rank) memcpy(dims, shape, rank * sizeof *dims);
    return ov->ov_tensor_create_from_host_ptr(type, (Shape){(int64_t)rank, dims}, bytes, out);
}

void masque_ov_release_tensor(const MasqueOv *ov, MasqueOvTensor *tensor) { ov->ov_tensor_free(tensor); }

int masque_ov_set(const MasqueOv *ov, MasqueOvRequest *request, const char *name, const MasqueOvTensor *tensor) {
    return ov->ov_infer_request_set_tensor(request, name, tensor);
}

int masque_ov_run(const MasqueOv *ov, MasqueOvRequest *request) { return ov->ov_infer_request_infer(request); }

int masque_ov_get(const MasqueOv *ov, const MasqueOvRequest *request, const char *name, MasqueOvTensor **out) {
    return ov->ov_infer_request_get_tensor(request, name, out);
}

int masque_ov_inspect(
    const MasqueOv *ov, const MasqueOvTensor *tensor, int *type, int64_t *shape, size_t *rank, size_t *elements,
    void **bytes) {
    Shape dims = {0};
    TRY(ov->ov_tensor_get_size(tensor, elements));
    int status = ov->ov_tensor_get_shape(tensor, &dims);
    // The C interface calls the empty shape of a scalar an invalid parameter.
    if (status == STATUS_INVALID_PARAMETER && *elements == 1) dims = (Shape){0};
    else if (status) return status;
    *rank = (size_t)dims.rank;
    for (size_t i = 0; i < *rank && i < MASQUE_OV_MAX_RANK; i++) shape[i] = dims.dims[i];
    if (dims.dims) ov->ov_shape_free(&dims);
    TRY(ov->ov_tensor_get_element_type(tensor, type));
    return ov->ov_tensor_data(tensor, bytes);
}
