// What the codecs share: how an error is noted.
#pragma once
#include <stdio.h>
#include <string.h>

#include "CImageCodecs.h"

static inline void mq_note(mq_error *error, int32_t status, const char *message) {
    error->status = status;
    snprintf(error->message, sizeof error->message, "%s", message ? message : "");
}
