// The positions in ONNX Runtime's function table and the typed calls through them.
#define _GNU_SOURCE
#include "COnnxRuntime.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The version of the table that is asked for; every slot below exists since version 11 or earlier.
#define TABLE_VERSION 17

// Slots that this file calls; each was run against 1.31.1 (InferenceTests run them all but the CUDA ones, which were
// seen to answer with the right error where no GPU is).
enum Slot {
    SLOT_ERROR_MESSAGE = 2,
    SLOT_CREATE_ENV = 3,
    SLOT_CREATE_SESSION = 7,
    SLOT_RUN = 9,
    SLOT_CREATE_OPTIONS = 10,
    SLOT_DISABLE_PATTERN = 17,
    SLOT_DISABLE_ARENA = 19,
    SLOT_SET_OPTIMISATION = 23,
    SLOT_SET_INTRA_THREADS = 24,
    SLOT_SET_INTER_THREADS = 25,
    SLOT_INPUT_COUNT = 30,
    SLOT_OUTPUT_COUNT = 31,
    SLOT_INPUT_TYPE = 33,
    SLOT_OUTPUT_TYPE = 34,
    SLOT_INPUT_NAME = 36,
    SLOT_OUTPUT_NAME = 37,
    SLOT_CREATE_RUN_OPTIONS = 39,
    SLOT_WRAP_TENSOR = 49,
    SLOT_TENSOR_DATA = 51,
    SLOT_CAST_TYPE_TO_TENSOR = 55,
    SLOT_ELEMENT_TYPE = 60,
    SLOT_RANK = 61,
    SLOT_DIMENSIONS = 62,
    SLOT_ELEMENT_COUNT = 64,
    SLOT_VALUE_TYPE_AND_SHAPE = 65,
    SLOT_CREATE_CPU_MEMORY = 69,
    SLOT_ALLOCATOR_FREE = 76,
    SLOT_DEFAULT_ALLOCATOR = 78,
    SLOT_RELEASE_STATUS = 93,
    SLOT_RELEASE_SESSION = 95,
    SLOT_RELEASE_VALUE = 96,
    SLOT_RELEASE_RUN_OPTIONS = 97,
    SLOT_RELEASE_TYPE = 98,
    SLOT_RELEASE_TENSOR_INFO = 99,
    SLOT_RELEASE_OPTIONS = 100,
    SLOT_PROVIDERS = 125,
    SLOT_RELEASE_PROVIDERS = 126,
    SLOT_ADD_CONFIG = 130,
    SLOT_ADD_RUN_CONFIG = 165,
    SLOT_APPEND_CUDA = 204,
    SLOT_CREATE_CUDA_OPTIONS = 205,
    SLOT_UPDATE_CUDA_OPTIONS = 206,
    SLOT_RELEASE_CUDA_OPTIONS = 208,
};

typedef struct {
    const void *const *(*get_api)(uint32_t version);
    const char *(*get_version)(void);
} ApiBase;

struct MasqueOrt {
    const void *const *table;
    const char *version;
};

// Calls a slot that returns a status.
#define CALL(slot, parameters, ...) (((MasqueOrtStatus * (*) parameters) ort->table[slot])(__VA_ARGS__))
// Calls a slot that returns nothing.
#define RELEASE(slot, thing) (((void (*)(void *))ort->table[slot])(thing))
// Leaves the function with the status of a call that failed.
#define TRY(call)                         \
    do {                                  \
        MasqueOrtStatus *failure = (call); \
        if (failure) return failure;      \
    } while (0)

const MasqueOrt *masque_ort_open(const char *path, char *message, size_t capacity) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        snprintf(message, capacity, "%s", reason ? reason : "the library cannot be opened");
        return NULL;
    }
    const ApiBase *(*get_base)(void) = (const ApiBase *(*)(void))dlsym(library, "OrtGetApiBase");
    const ApiBase *base = get_base ? get_base() : NULL;
    const void *const *table = base ? base->get_api(TABLE_VERSION) : NULL;
    MasqueOrt *ort = table ? malloc(sizeof *ort) : NULL;
    if (!ort) {
        snprintf(message, capacity, "%s",
                 !get_base ? "it is not ONNX Runtime (OrtGetApiBase is missing)" : "it is too old for interface 17");
        dlclose(library);
        return NULL;
    }
    ort->table = table;
    ort->version = base->get_version();
    return ort;
}

const char *masque_ort_version(const MasqueOrt *ort) { return ort->version; }

const char *masque_ort_message(const MasqueOrt *ort, const MasqueOrtStatus *status) {
    return ((const char *(*)(const void *))ort->table[SLOT_ERROR_MESSAGE])(status);
}

void masque_ort_release_status(const MasqueOrt *ort, MasqueOrtStatus *status) { RELEASE(SLOT_RELEASE_STATUS, status); }

MasqueOrtStatus *masque_ort_create_env(const MasqueOrt *ort, MasqueOrtEnv **out) {
    // 4: only fatal messages are logged; errors come back as statuses.
    return CALL(SLOT_CREATE_ENV, (int, const char *, MasqueOrtEnv **), 4, "masque", out);
}

MasqueOrtStatus *masque_ort_create_memory(const MasqueOrt *ort, MasqueOrtMemory **out) {
    // 0: device allocator, 0: default memory; the bytes are the caller's.
    return CALL(SLOT_CREATE_CPU_MEMORY, (int, int, MasqueOrtMemory **), 0, 0, out);
}

MasqueOrtStatus *masque_ort_providers(const MasqueOrt *ort, void (*each)(const char *, void *), void *context) {
    char **names = NULL;
    int count = 0;
    TRY(CALL(SLOT_PROVIDERS, (char ***, int *), &names, &count));
    for (int i = 0; i < count; i++) each(names[i], context);
    return CALL(SLOT_RELEASE_PROVIDERS, (char **, int), names, count);
}

MasqueOrtStatus *masque_ort_create_options(const MasqueOrt *ort, MasqueOrtOptions **out) {
    return CALL(SLOT_CREATE_OPTIONS, (MasqueOrtOptions **), out);
}

void masque_ort_release_options(const MasqueOrt *ort, MasqueOrtOptions *options) {
    RELEASE(SLOT_RELEASE_OPTIONS, options);
}

MasqueOrtStatus *masque_ort_set_optimisation(const MasqueOrt *ort, MasqueOrtOptions *options, int level) {
    return CALL(SLOT_SET_OPTIMISATION, (MasqueOrtOptions *, int), options, level);
}

MasqueOrtStatus *masque_ort_set_threads(const MasqueOrt *ort, MasqueOrtOptions *options, int intra, int inter) {
    TRY(CALL(SLOT_SET_INTRA_THREADS, (MasqueOrtOptions *, int), options, intra));
    return CALL(SLOT_SET_INTER_THREADS, (MasqueOrtOptions *, int), options, inter);
}

MasqueOrtStatus *masque_ort_disable_arena(const MasqueOrt *ort, MasqueOrtOptions *options) {
    TRY(CALL(SLOT_DISABLE_PATTERN, (MasqueOrtOptions *), options));
    return CALL(SLOT_DISABLE_ARENA, (MasqueOrtOptions *), options);
}

MasqueOrtStatus *masque_ort_add_config(
    const MasqueOrt *ort, MasqueOrtOptions *options, const char *key, const char *value) {
    return CALL(SLOT_ADD_CONFIG, (MasqueOrtOptions *, const char *, const char *), options, key, value);
}

MasqueOrtStatus *masque_ort_append_cuda(
    const MasqueOrt *ort, MasqueOrtOptions *options, const char *const *keys, const char *const *values,
    size_t count) {
    void *cuda = NULL;
    TRY(CALL(SLOT_CREATE_CUDA_OPTIONS, (void **), &cuda));
    MasqueOrtStatus *status = CALL(
        SLOT_UPDATE_CUDA_OPTIONS, (void *, const char *const *, const char *const *, size_t), cuda, keys, values,
        count);
    if (!status) status = CALL(SLOT_APPEND_CUDA, (MasqueOrtOptions *, const void *), options, cuda);
    RELEASE(SLOT_RELEASE_CUDA_OPTIONS, cuda);
    return status;
}

MasqueOrtStatus *masque_ort_create_session(
    const MasqueOrt *ort, const MasqueOrtEnv *env, const char *path, const MasqueOrtOptions *options,
    MasqueOrtSession **out) {
    return CALL(
        SLOT_CREATE_SESSION, (const MasqueOrtEnv *, const char *, const MasqueOrtOptions *, MasqueOrtSession **), env,
        path, options, out);
}

void masque_ort_release_session(const MasqueOrt *ort, MasqueOrtSession *session) {
    RELEASE(SLOT_RELEASE_SESSION, session);
}

MasqueOrtStatus *masque_ort_counts(
    const MasqueOrt *ort, const MasqueOrtSession *session, size_t *inputs, size_t *outputs) {
    TRY(CALL(SLOT_INPUT_COUNT, (const MasqueOrtSession *, size_t *), session, inputs));
    return CALL(SLOT_OUTPUT_COUNT, (const MasqueOrtSession *, size_t *), session, outputs);
}

// Reads element type, rank and dimensions out of a tensor description.
static MasqueOrtStatus *read_info(
    const MasqueOrt *ort, const void *info, int *type, int64_t *shape, size_t *rank) {
    TRY(CALL(SLOT_ELEMENT_TYPE, (const void *, int *), info, type));
    TRY(CALL(SLOT_RANK, (const void *, size_t *), info, rank));
    size_t fitting = *rank < MASQUE_ORT_MAX_RANK ? *rank : MASQUE_ORT_MAX_RANK;
    return CALL(SLOT_DIMENSIONS, (const void *, int64_t *, size_t), info, shape, fitting);
}

MasqueOrtStatus *masque_ort_describe(
    const MasqueOrt *ort, const MasqueOrtSession *session, int output, size_t index, char *name, size_t capacity,
    int *type, int64_t *shape, size_t *rank) {
    *type = 0;
    *rank = 0;
    void *allocator = NULL;
    char *copy = NULL;
    TRY(CALL(SLOT_DEFAULT_ALLOCATOR, (void **), &allocator));
    TRY(CALL(
        output ? SLOT_OUTPUT_NAME : SLOT_INPUT_NAME, (const MasqueOrtSession *, size_t, void *, char **), session,
        index, allocator, &copy));
    snprintf(name, capacity, "%s", copy);
    TRY(CALL(SLOT_ALLOCATOR_FREE, (void *, void *), allocator, copy));
    void *description = NULL;
    TRY(CALL(
        output ? SLOT_OUTPUT_TYPE : SLOT_INPUT_TYPE, (const MasqueOrtSession *, size_t, void **), session, index,
        &description));
    const void *info = NULL;  // Belongs to `description`; NULL for a sequence or a map.
    MasqueOrtStatus *status = CALL(SLOT_CAST_TYPE_TO_TENSOR, (const void *, const void **), description, &info);
    if (!status && info) status = read_info(ort, info, type, shape, rank);
    RELEASE(SLOT_RELEASE_TYPE, description);
    return status;
}

MasqueOrtStatus *masque_ort_wrap(
    const MasqueOrt *ort, const MasqueOrtMemory *memory, void *bytes, size_t count, const int64_t *shape, size_t rank,
    int type, MasqueOrtValue **out) {
    return CALL(
        SLOT_WRAP_TENSOR,
        (const MasqueOrtMemory *, void *, size_t, const int64_t *, size_t, int, MasqueOrtValue **), memory, bytes,
        count, shape, rank, type, out);
}

void masque_ort_release_value(const MasqueOrt *ort, MasqueOrtValue *value) { RELEASE(SLOT_RELEASE_VALUE, value); }

MasqueOrtStatus *masque_ort_inspect(
    const MasqueOrt *ort, MasqueOrtValue *value, int *type, int64_t *shape, size_t *rank, size_t *elements,
    void **bytes) {
    void *info = NULL;
    TRY(CALL(SLOT_VALUE_TYPE_AND_SHAPE, (const MasqueOrtValue *, void **), value, &info));
    MasqueOrtStatus *status = read_info(ort, info, type, shape, rank);
    if (!status) status = CALL(SLOT_ELEMENT_COUNT, (const void *, size_t *), info, elements);
    RELEASE(SLOT_RELEASE_TENSOR_INFO, info);
    if (status) return status;
    return CALL(SLOT_TENSOR_DATA, (MasqueOrtValue *, void **), value, bytes);
}

MasqueOrtStatus *masque_ort_create_run_options(const MasqueOrt *ort, MasqueOrtRunOptions **out) {
    return CALL(SLOT_CREATE_RUN_OPTIONS, (MasqueOrtRunOptions **), out);
}

void masque_ort_release_run_options(const MasqueOrt *ort, MasqueOrtRunOptions *options) {
    RELEASE(SLOT_RELEASE_RUN_OPTIONS, options);
}

MasqueOrtStatus *masque_ort_add_run_config(
    const MasqueOrt *ort, MasqueOrtRunOptions *options, const char *key, const char *value) {
    return CALL(SLOT_ADD_RUN_CONFIG, (MasqueOrtRunOptions *, const char *, const char *), options, key, value);
}

MasqueOrtStatus *masque_ort_run(
    const MasqueOrt *ort, MasqueOrtSession *session, const MasqueOrtRunOptions *options,
    const char *const *input_names, const MasqueOrtValue *const *inputs, size_t input_count,
    const char *const *output_names, size_t output_count, MasqueOrtValue **outputs) {
    return CALL(
        SLOT_RUN,
        (MasqueOrtSession *, const MasqueOrtRunOptions *, const char *const *, const MasqueOrtValue *const *, size_t,
         const char *const *, size_t, MasqueOrtValue **),
        session, options, input_names, inputs, input_count, output_names, output_count, outputs);
}
