// OpenVINO's C interface, as far as Masque calls it. The library is opened at run time, so that building needs
// neither it nor its headers. Every wrapper returns 0 when all went well and the library's status otherwise.
#ifndef MASQUE_C_OPENVINO_H
#define MASQUE_C_OPENVINO_H

#include <stddef.h>
#include <stdint.h>

typedef struct MasqueOv MasqueOv;                // The opened library and its core.
typedef struct MasqueOvModel MasqueOvModel;      // A model compiled for the CPU.
typedef struct MasqueOvRequest MasqueOvRequest;  // One run at a time of a compiled model.
typedef struct MasqueOvTensor MasqueOvTensor;

// Element types, as OpenVINO 2026 numbers them; checked when the library is opened, because they were renumbered
// before.
enum {
    MASQUE_OV_BOOL = 1,
    MASQUE_OV_FLOAT16 = 3,
    MASQUE_OV_FLOAT32 = 4,
    MASQUE_OV_FLOAT64 = 5,
    MASQUE_OV_INT32 = 9,
    MASQUE_OV_INT64 = 10,
    MASQUE_OV_UINT8 = 16,
};

// The greatest rank of a tensor that is described.
#define MASQUE_OV_MAX_RANK 16

// Opens the library at `path` and makes its core. Returns NULL on failure and writes the reason, cut to `capacity`,
// to `message`. Both stay until the process ends: the library's threads must not be unmapped while they run.
const MasqueOv *masque_ov_open(const char *path, char *message, size_t capacity);
// Writes the library's build number, cut to `capacity`.
void masque_ov_version(const MasqueOv *ov, char *text, size_t capacity);
// What the library says of this thread's last failure, which had `status`; valid until its next one.
const char *masque_ov_message(const MasqueOv *ov, int status);

// Reads the ONNX file at `path` and compiles it for the CPU.
// `graph`, of `count` bytes: the file's message with weights that lie in files named from `/` on; NULL for none. Where
// it cannot be read so, the file itself is; `in_place` says which. Pages of
// weights that are packed for the processor are let go of as it goes on, and memory that is free given back.
// `precision`: f32 or bf16. `threads`: how many threads a run may use, as a decimal number.
int masque_ov_compile(
    const MasqueOv *ov, const char *path, const char *graph, size_t count, const char *precision, const char *threads,
    MasqueOvModel **out, int *in_place);
void masque_ov_release_model(const MasqueOv *ov, MasqueOvModel *model);
int masque_ov_counts(const MasqueOv *ov, const MasqueOvModel *model, size_t *inputs, size_t *outputs);
// The element type of the input or output that is called `name`.
int masque_ov_type(const MasqueOv *ov, const MasqueOvModel *model, int output, const char *name, int *type);

int masque_ov_create_request(const MasqueOv *ov, const MasqueOvModel *model, MasqueOvRequest **out);
void masque_ov_release_request(const MasqueOv *ov, MasqueOvRequest *request);
// Makes a tensor over bytes that the caller owns and keeps alive until the run is over.
int masque_ov_wrap(
    const MasqueOv *ov, int type, const int64_t *shape, size_t rank, void *bytes, MasqueOvTensor **out);
void masque_ov_release_tensor(const MasqueOv *ov, MasqueOvTensor *tensor);
int masque_ov_set(const MasqueOv *ov, MasqueOvRequest *request, const char *name, const MasqueOvTensor *tensor);
int masque_ov_run(const MasqueOv *ov, MasqueOvRequest *request);
// The tensor called `name`; the caller releases it, its bytes belong to the request.
int masque_ov_get(const MasqueOv *ov, const MasqueOvRequest *request, const char *name, MasqueOvTensor **out);
// Says what a tensor holds. `shape` takes MASQUE_OV_MAX_RANK dimensions; `rank` may say more than fits.
int masque_ov_inspect(
    const MasqueOv *ov, const MasqueOvTensor *tensor, int *type, int64_t *shape, size_t *rank, size_t *elements,
    void **bytes);

#endif
