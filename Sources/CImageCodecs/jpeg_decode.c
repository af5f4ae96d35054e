// JPEG to RGB through libjpeg-turbo, strict about missing data and easy about sloppy markers.
#include <setjmp.h>
#include <stdlib.h>

#include "common.h"
#include <jpeglib.h>
#include <jerror.h>

// A progressive file may repeat scans that cost time and no bytes; real encoders write about ten.
enum { MAX_SCANS = 100 };

// A file without an end marker whose data is followed by more than this was padded after it had been cut short.
enum { MAX_PADDING = 64 };

typedef struct {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    mq_error *error;
    int at_end;   // the bytes ran out before the end-of-image marker
    int missing;  // entropy-coded data was missing
    int corrupt;  // entropy-coded data was nonsense
    int several;  // the picture comes in several scans
    long skipped; // bytes that belong to nothing
    char first_warning[JMSG_LENGTH_MAX];
} Decoder;

static Decoder *decoder_of(j_common_ptr jpeg) { return jpeg->client_data; }

static void on_error(j_common_ptr jpeg) {
    Decoder *d = decoder_of(jpeg);
    char text[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, text);
    int32_t status = MQ_DAMAGED;
    switch (jpeg->err->msg_code) {
        case JERR_OUT_OF_MEMORY: status = MQ_NO_MEMORY; break;
        case JERR_SOF_UNSUPPORTED:
        case JERR_BAD_PRECISION:
        case JERR_CONVERSION_NOTIMPL:
        case JERR_COMPONENT_COUNT:
        case JERR_ARITH_NOTIMPL:
        case JERR_CCIR601_NOTIMPL:
        case JERR_FRACT_SAMPLE_NOTIMPL: status = MQ_UNSUPPORTED; break;
        default:
            if (d->at_end) status = MQ_TRUNCATED;
    }
    mq_note(d->error, status, text);
    longjmp(d->jump, 1);
}

static void on_message(j_common_ptr jpeg, int level) {
    if (level >= 0) return;
    Decoder *d = decoder_of(jpeg);
    jpeg->err->num_warnings++;
    switch (jpeg->err->msg_code) {
        case JWRN_EXTRANEOUS_DATA: d->skipped += jpeg->err->msg_parm.i[0]; return;
        case JWRN_HIT_MARKER: d->missing = 1; break;
        case JWRN_HUFF_BAD_CODE:
        case JWRN_ARITH_BAD_CODE:
        case JWRN_MUST_RESYNC: d->corrupt = 1; break;
        default: return;
    }
    if (!d->first_warning[0]) jpeg->err->format_message(jpeg, d->first_warning);
}

static void on_output(j_common_ptr jpeg) { (void)jpeg; }

static void on_progress(j_common_ptr jpeg) {
    Decoder *d = decoder_of(jpeg);
    if (d->jpeg.input_scan_number <= MAX_SCANS) return;
    mq_note(d->error, MQ_UNSUPPORTED, "it has more scans than any real picture");
    longjmp(d->jump, 1);
}

static void source_init(j_decompress_ptr jpeg) { (void)jpeg; }

// The bytes are over: an end marker lets libjpeg finish; whether data was missing shows in its warnings.
static boolean source_fill(j_decompress_ptr jpeg) {
    static const JOCTET end[2] = {0xFF, JPEG_EOI};
    decoder_of((j_common_ptr)jpeg)->at_end = 1;
    jpeg->src->next_input_byte = end;
    jpeg->src->bytes_in_buffer = 2;
    return TRUE;
}

static void source_skip(j_decompress_ptr jpeg, long count) {
    if (count <= 0) return;
    if ((size_t)count > jpeg->src->bytes_in_buffer) {
        source_fill(jpeg);
        return;
    }
    jpeg->src->next_input_byte += count;
    jpeg->src->bytes_in_buffer -= (size_t)count;
}

static void cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, uint32_t width, int inverted) {
    const unsigned flip = inverted ? 0 : 255;
    for (uint32_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
        const unsigned k = cmyk[3] ^ flip;
        for (int i = 0; i < 3; i++) rgb[i] = (uint8_t)(((cmyk[i] ^ flip) * k + 127) / 255);
    }
}

static void decode(Decoder *d, uint32_t width, uint32_t height, uint8_t *out) {
    j_decompress_ptr jpeg = &d->jpeg;
    jpeg_read_header(jpeg, TRUE);
    if (jpeg->image_width != width || jpeg->image_height != height) {
        mq_note(d->error, MQ_DAMAGED, "its frame header and its markers disagree on the size");
        longjmp(d->jump, 1);
    }
    const int four = jpeg->num_components == 4;
    jpeg->out_color_space = four ? JCS_CMYK : JCS_RGB;
    d->several = jpeg_has_multiple_scans(jpeg);
    jpeg_start_decompress(jpeg);
    const size_t stride = (size_t)width * 3;
    JSAMPARRAY row = four ? jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, width * 4, 1) : NULL;
    while (jpeg->output_scanline < height) {
        uint8_t *to = out + stride * jpeg->output_scanline;
        if (four) {
            jpeg_read_scanlines(jpeg, row, 1);
            cmyk_to_rgb(row[0], to, width, jpeg->saw_Adobe_marker);
        } else {
            JSAMPROW rows[1] = {to};
            jpeg_read_scanlines(jpeg, rows, 1);
        }
        if (d->missing || d->corrupt) return;
    }
    jpeg_finish_decompress(jpeg);
}

int32_t mq_jpeg_decode(
    const uint8_t *data, size_t count, uint32_t width, uint32_t height, uint8_t *out, mq_jpeg_report *report,
    mq_error *error) {
    mq_note(error, MQ_OK, "");
    Decoder *d = calloc(1, sizeof *d);
    if (!d) {
        mq_note(error, MQ_NO_MEMORY, "");
        return error->status;
    }
    d->error = error;
    d->jpeg.err = jpeg_std_error(&d->errors);
    d->errors.error_exit = on_error;
    d->errors.emit_message = on_message;
    d->errors.output_message = on_output;
    d->jpeg.client_data = d;
    if (!setjmp(d->jump)) {
        jpeg_create_decompress(&d->jpeg);
        d->progress.progress_monitor = on_progress;
        d->jpeg.progress = &d->progress;
        d->source.init_source = source_init;
        d->source.fill_input_buffer = source_fill;
        d->source.skip_input_data = source_skip;
        d->source.resync_to_restart = jpeg_resync_to_restart;
        d->source.term_source = source_init;
        d->source.next_input_byte = data;
        d->source.bytes_in_buffer = count;
        d->jpeg.src = &d->source;
        decode(d, width, height, out);
        // The data of one scan can be whole without an end marker; of several scans, later ones would be missing.
        if (d->missing || d->corrupt || (d->at_end && (d->several || d->skipped > MAX_PADDING)))
            mq_note(error, d->at_end ? MQ_TRUNCATED : MQ_DAMAGED, d->first_warning);
        report->progressive = d->jpeg.progressive_mode ? 1 : 0;
        report->warnings = (int32_t)d->errors.num_warnings;
    }
    if (d->jpeg.mem) jpeg_destroy_decompress(&d->jpeg);
    free(d);
    return error->status;
}
