// What Masque sees of FFmpeg's libraries; owned by VideoIO.
#pragma once
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/cpu.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/murmur3.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// Macros that Swift cannot import as they are.
static const int MASQUE_EAGAIN = AVERROR(EAGAIN);
static const int MASQUE_ENOSPC = AVERROR(ENOSPC);
static const int MASQUE_EDQUOT = AVERROR(EDQUOT);
static const int MASQUE_EFBIG = AVERROR(EFBIG);
static const int MASQUE_EINVAL = AVERROR(EINVAL);
static const int MASQUE_EOF = AVERROR_EOF;
static const int MASQUE_INVALIDDATA = AVERROR_INVALIDDATA;
static const int64_t MASQUE_NOPTS = AV_NOPTS_VALUE;
