// RGB or RGBA to JPEG through libjpeg-turbo.
#include <setjmp.h>
#include <stdlib.h>

#include "common.h"
#include <jpeglib.h>
#include <jerror.h>

typedef struct {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf jump;
    mq_error *error;
    unsigned char *data;
    unsigned long count;
} Encoder;

static void on_error(j_common_ptr jpeg) {
    Encoder *e = jpeg->client_data;
    char text[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, text);
    mq_note(e->error, jpeg->err->msg_code == JERR_OUT_OF_MEMORY ? MQ_NO_MEMORY : MQ_FAILED, text);
    longjmp(e->jump, 1);
}

static void on_message(j_common_ptr jpeg, int level) { (void)jpeg, (void)level; }
static void on_output(j_common_ptr jpeg) { (void)jpeg; }

static void over_white(const uint8_t *rgba, uint8_t *rgb, uint32_t width) {
    for (uint32_t x = 0; x < width; x++, rgba += 4, rgb += 3) {
        const unsigned a = rgba[3];
        for (int i = 0; i < 3; i++) rgb[i] = (uint8_t)((rgba[i] * a + 255 * (255 - a) + 127) / 255);
    }
}

static void encode(Encoder *e, const uint8_t *pixels, const mq_jpeg_settings *s) {
    j_compress_ptr jpeg = &e->jpeg;
    jpeg_mem_dest(jpeg, &e->data, &e->count);
    jpeg->image_width = s->width;
    jpeg->image_height = s->height;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, s->quality, TRUE);
    jpeg->comp_info[0].h_samp_factor = jpeg->comp_info[0].v_samp_factor = s->full_chroma ? 1 : 2;
    jpeg->optimize_coding = s->optimize ? TRUE : FALSE;
    if (s->dpi > 0 && s->dpi < 65536) {
        jpeg->density_unit = 1;
        jpeg->X_density = jpeg->Y_density = (UINT16)s->dpi;
    }
    jpeg_start_compress(jpeg, TRUE);
    if (s->xmp_app1_count) jpeg_write_marker(jpeg, JPEG_APP0 + 1, s->xmp_app1, (unsigned)s->xmp_app1_count);
    if (s->icc_count) jpeg_write_icc_profile(jpeg, s->icc, (unsigned)s->icc_count);
    const size_t stride = (size_t)s->width * (size_t)s->channels;
    JSAMPARRAY row =
        s->channels == 4 ? jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, s->width * 3, 1) : NULL;
    while (jpeg->next_scanline < s->height) {
        const uint8_t *from = pixels + stride * jpeg->next_scanline;
        JSAMPROW rows[1] = {(JSAMPROW)from};
        if (row) {
            over_white(from, row[0], s->width);
            rows[0] = row[0];
        }
        jpeg_write_scanlines(jpeg, rows, 1);
    }
    jpeg_finish_compress(jpeg);
}

int32_t mq_jpeg_encode(const uint8_t *pixels, const mq_jpeg_settings *settings, mq_bytes *out, mq_error *error) {
    mq_note(error, MQ_OK, "");
    out->data = NULL;
    out->count = 0;
    Encoder *e = calloc(1, sizeof *e);
    if (!e) {
        mq_note(error, MQ_NO_MEMORY, "");
        return error->status;
    }
    e->error = error;
    e->jpeg.err = jpeg_std_error(&e->errors);
    e->errors.error_exit = on_error;
    e->errors.emit_message = on_message;
    e->errors.output_message = on_output;
    e->jpeg.client_data = e;
    if (!setjmp(e->jump)) {
        jpeg_create_compress(&e->jpeg);
        encode(e, pixels, settings);
        out->data = e->data;
        out->count = e->count;
        e->data = NULL;
    }
    if (e->jpeg.mem) jpeg_destroy_compress(&e->jpeg);
    free(e->data);
    free(e);
    return error->status;
}
