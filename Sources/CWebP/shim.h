// What Masque sees of this library; owned by ImageIO.
#pragma once
#include <stdio.h>
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>
