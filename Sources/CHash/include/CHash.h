// The inner loops of SHA-256 and CRC-32. Owned by the Swift module ModelFiles.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

// Whether this processor has SHA instructions.
bool chash_has_sha_instructions(void);

// Folds `blocks` blocks of 64 bytes into the eight words of `state` (FIPS 180-4, 6.2.2), by the processor's SHA
// instructions when it has them and `portable` is false.
void chash_sha256(uint32_t state[8], const uint8_t *bytes, size_t blocks, bool portable);

// Continues the CRC-32 `crc` of what came before (0 at the beginning) by `count` bytes.
uint32_t chash_crc32(uint32_t crc, const uint8_t *bytes, size_t count);
