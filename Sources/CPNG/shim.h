// What Masque sees of this library; used by CImageCodecs, for ImageIO.
#pragma once
#include <stdio.h>
#include <png.h>
