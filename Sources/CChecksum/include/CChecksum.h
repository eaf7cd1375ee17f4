// CRC-32C by the processor's own instruction, which Swift cannot name.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor has the instruction. Ask once, and before any remainder: this makes the tables, too.
bool quantrac_has_crc32c(void);

/// Carries the remainder `crc` (not inverted) on over `count` bytes. Only where `quantrac_has_crc32c()`.
uint32_t quantrac_crc32c(uint32_t crc, const void *bytes, size_t count);
