// What Masque sees of this library; owned by ImageIO.
#pragma once
#include <stdio.h>
#include <webp/decode.h>
