// The inner loop of SHA-256. Owned by the Swift module Inference.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

// Whether this processor has SHA instructions.
bool chash_has_sha_instructions(void);

// Folds `blocks` blocks of 64 bytes into the eight words of `state` (FIPS 180-4, 6.2.2), by the processor's SHA
// instructions when it has them and `portable` is false.
void chash_sha256(uint32_t state[8], const uint8_t *bytes, size_t blocks, bool portable);
