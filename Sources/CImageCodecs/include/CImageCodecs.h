// What ImageIO sees of libjpeg-turbo and libpng: functions whose errors come back as a status instead of a long jump.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// How a call ended.
enum {
    MQ_OK = 0,
    MQ_DAMAGED = 1,      ///< the bytes contradict the format
    MQ_TRUNCATED = 2,    ///< the bytes end before the picture does
    MQ_UNSUPPORTED = 3,  ///< a variant of the format that is not read
    MQ_NO_MEMORY = 4,
    MQ_FAILED = 5,
};

/// The status of a call and the library's own words; `message` ends with a zero.
typedef struct {
    int32_t status;
    char message[200];
} mq_error;

/// Bytes made by a call; whoever called owns them and hands them to mq_bytes_free.
typedef struct {
    uint8_t *data;
    size_t count;
} mq_bytes;
void mq_bytes_free(mq_bytes *bytes);

/// What a decoded JPEG was.
typedef struct {
    int32_t progressive;
    int32_t warnings;
} mq_jpeg_report;

/// Decodes a JPEG of any of the usual colour spaces to RGB rows at `out`, which holds 3 * width * height bytes.
/// `width` and `height` are those of the frame header; another size inside is damage.
int32_t mq_jpeg_decode(
    const uint8_t *data, size_t count, uint32_t width, uint32_t height, uint8_t *out, mq_jpeg_report *report,
    mq_error *error);

/// What a JPEG is to be.
typedef struct {
    uint32_t width, height;
    int32_t channels;     ///< 3, or 4 with straight alpha that is laid over white
    int32_t quality;      ///< 1...100
    int32_t full_chroma;  ///< 4:4:4 instead of 4:2:0
    int32_t optimize;     ///< Huffman tables made for the picture (the coefficients are kept in memory for it)
    uint32_t dpi;         ///< 0 for unknown
    const uint8_t *icc;
    size_t icc_count;
    const uint8_t *xmp_app1;  ///< the whole content of the APP1 segment, with its name
    size_t xmp_app1_count;
} mq_jpeg_settings;
int32_t mq_jpeg_encode(const uint8_t *pixels, const mq_jpeg_settings *settings, mq_bytes *out, mq_error *error);

/// What a PNG's chunks before the picture data say.
typedef struct {
    uint32_t width, height;
    int32_t channels;      ///< 3 or 4, as mq_png_decode will give
    int32_t bit_depth;     ///< 1...16, as stored
    int32_t interlaced;
    uint32_t dpi;          ///< 0 for unknown
    mq_bytes icc;          ///< to be freed
} mq_png_header;
int32_t mq_png_read_header(
    const uint8_t *data, size_t count, uint32_t max_side, mq_png_header *header, mq_error *error);

/// Decodes a PNG to 8-bit RGB or RGBA rows at `out`, which holds channels * width * height bytes as the header says.
/// 16-bit samples are rounded to the nearest 8-bit value; no gamma is applied.
int32_t mq_png_decode(
    const uint8_t *data, size_t count, uint32_t max_side, size_t out_count, uint8_t *out, mq_error *error);

/// What a PNG is to be.
typedef struct {
    uint32_t width, height;
    int32_t channels;  ///< 3 or 4
    int32_t level;     ///< zlib's, 0...9
    uint32_t dpi;      ///< 0 for unknown
    const uint8_t *icc;
    size_t icc_count;
    const char *xmp;   ///< a whole packet, ended by a zero; NULL for none
} mq_png_settings;
int32_t mq_png_encode(const uint8_t *pixels, const mq_png_settings *settings, mq_bytes *out, mq_error *error);

/// Turns a picture as its EXIF orientation (1...8) says. `out` holds as many bytes as `pixels` and is another buffer;
/// for 5...8 it is `height` wide and `width` high.
void mq_orient(
    const uint8_t *pixels, size_t width, size_t height, size_t channels, int32_t orientation, uint8_t *out);
