// ONNX Runtime's C interface, as far as Masque calls it, reached by position in its function table.
//
// The runtime publishes one symbol, OrtGetApiBase; everything else is a table of function pointers whose order never
// changes (new entries are only appended). Building therefore needs neither the runtime nor its header: the library
// is opened at run time. Every wrapper below returns a status that is NULL when all went well; one helper in Swift
// turns any other into an error and releases it.
#ifndef MASQUE_C_ONNX_RUNTIME_H
#define MASQUE_C_ONNX_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

typedef struct MasqueOrt MasqueOrt;                  // The opened library and its function table.
typedef struct MasqueOrtStatus MasqueOrtStatus;      // A failure with a message.
typedef struct MasqueOrtEnv MasqueOrtEnv;            // The process-wide environment (logging).
typedef struct MasqueOrtOptions MasqueOrtOptions;    // Options of a session to be made.
typedef struct MasqueOrtSession MasqueOrtSession;    // A loaded model.
typedef struct MasqueOrtRunOptions MasqueOrtRunOptions;
typedef struct MasqueOrtMemory MasqueOrtMemory;      // Says where a tensor's bytes lie.
typedef struct MasqueOrtValue MasqueOrtValue;        // A tensor.

// Element types, as ONNX numbers them.
enum {
    MASQUE_ORT_FLOAT32 = 1,
    MASQUE_ORT_UINT8 = 2,
    MASQUE_ORT_INT32 = 6,
    MASQUE_ORT_INT64 = 7,
    MASQUE_ORT_BOOL = 9,
    MASQUE_ORT_FLOAT16 = 10,
    MASQUE_ORT_FLOAT64 = 11,
};

// The greatest rank of a tensor that is described.
#define MASQUE_ORT_MAX_RANK 16

// Opens the library at `path`. Returns NULL on failure and writes the reason, cut to `capacity`, to `message`.
// The library stays open until the process ends: its thread pools must not be unmapped under running threads.
const MasqueOrt *masque_ort_open(const char *path, char *message, size_t capacity);
// The library's version, such as "1.31.1"; belongs to the library.
const char *masque_ort_version(const MasqueOrt *ort);

// The message of a status; valid until it is released.
const char *masque_ort_message(const MasqueOrt *ort, const MasqueOrtStatus *status);
void masque_ort_release_status(const MasqueOrt *ort, MasqueOrtStatus *status);

MasqueOrtStatus *masque_ort_create_env(const MasqueOrt *ort, MasqueOrtEnv **out);
MasqueOrtStatus *masque_ort_create_memory(const MasqueOrt *ort, MasqueOrtMemory **out);
// Calls `each(name, context)` for every execution provider that this build of the library knows.
MasqueOrtStatus *masque_ort_providers(const MasqueOrt *ort, void (*each)(const char *, void *), void *context);

MasqueOrtStatus *masque_ort_create_options(const MasqueOrt *ort, MasqueOrtOptions **out);
void masque_ort_release_options(const MasqueOrt *ort, MasqueOrtOptions *options);
// `level`: 0 none, 1 basic, 2 extended, 99 all.
MasqueOrtStatus *masque_ort_set_optimisation(const MasqueOrt *ort, MasqueOrtOptions *options, int level);
MasqueOrtStatus *masque_ort_set_threads(const MasqueOrt *ort, MasqueOrtOptions *options, int intra, int inter);
// Turns off the arena and the memory patterns that keep freed memory for later runs.
MasqueOrtStatus *masque_ort_disable_arena(const MasqueOrt *ort, MasqueOrtOptions *options);
MasqueOrtStatus *masque_ort_add_config(
    const MasqueOrt *ort, MasqueOrtOptions *options, const char *key, const char *value);
// Puts CUDA before the CPU; fails with the library's message where the provider or the driver is missing.
MasqueOrtStatus *masque_ort_append_cuda(
    const MasqueOrt *ort, MasqueOrtOptions *options, const char *const *keys, const char *const *values, size_t count);

MasqueOrtStatus *masque_ort_create_session(
    const MasqueOrt *ort, const MasqueOrtEnv *env, const char *path, const MasqueOrtOptions *options,
    MasqueOrtSession **out);
void masque_ort_release_session(const MasqueOrt *ort, MasqueOrtSession *session);
MasqueOrtStatus *masque_ort_counts(
    const MasqueOrt *ort, const MasqueOrtSession *session, size_t *inputs, size_t *outputs);
// Describes input (`output` 0) or output (`output` 1) number `index`. `name` is cut to `capacity`. `type` is 0 for
// what is no tensor. `shape` takes MASQUE_ORT_MAX_RANK dimensions; free ones are -1; `rank` may say more than fits.
MasqueOrtStatus *masque_ort_describe(
    const MasqueOrt *ort, const MasqueOrtSession *session, int output, size_t index, char *name, size_t capacity,
    int *type, int64_t *shape, size_t *rank);

// Makes a tensor over bytes that the caller owns and keeps alive until the tensor is released.
MasqueOrtStatus *masque_ort_wrap(
    const MasqueOrt *ort, const MasqueOrtMemory *memory, void *bytes, size_t count, const int64_t *shape, size_t rank,
    int type, MasqueOrtValue **out);
void masque_ort_release_value(const MasqueOrt *ort, MasqueOrtValue *value);
// Says what a tensor holds; `bytes` belongs to it. `shape` as in masque_ort_describe.
MasqueOrtStatus *masque_ort_inspect(
    const MasqueOrt *ort, MasqueOrtValue *value, int *type, int64_t *shape, size_t *rank, size_t *elements,
    void **bytes);

MasqueOrtStatus *masque_ort_create_run_options(const MasqueOrt *ort, MasqueOrtRunOptions **out);
void masque_ort_release_run_options(const MasqueOrt *ort, MasqueOrtRunOptions *options);
MasqueOrtStatus *masque_ort_add_run_config(
    const MasqueOrt *ort, MasqueOrtRunOptions *options, const char *key, const char *value);
// Runs a session. `outputs` enters as NULLs and leaves with values that the caller releases.
MasqueOrtStatus *masque_ort_run(
    const MasqueOrt *ort, MasqueOrtSession *session, const MasqueOrtRunOptions *options,
    const char *const *input_names, const MasqueOrtValue *const *inputs, size_t input_count,
    const char *const *output_names, size_t output_count, MasqueOrtValue **outputs);

#endif
