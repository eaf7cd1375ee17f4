#include "CChecksum.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define HAS_INSTRUCTION 1
#define TARGET __attribute__((target("sse4.2")))
#define STEP8(crc, word) ((uint32_t)_mm_crc32_u64((crc), (word)))
#define STEP1(crc, byte) _mm_crc32_u8((crc), (byte))

bool quantrac_has_crc32c(void) { return __builtin_cpu_supports("sse4.2"); }

#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <sys/auxv.h>
#define HAS_INSTRUCTION 1
#define TARGET __attribute__((target("crc")))
#define STEP8(crc, word) __crc32cd((crc), (word))
#define STEP1(crc, byte) __crc32cb((crc), (byte))

// HWCAP_CRC32 of the kernel's arch/arm64/include/uapi/asm/hwcap.h.
bool quantrac_has_crc32c(void) { return (getauxval(AT_HWCAP) & (1UL << 7)) != 0; }

#else
bool quantrac_has_crc32c(void) { return false; }

uint32_t quantrac_crc32c(uint32_t crc, const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return crc;
}
#endif

#ifdef HAS_INSTRUCTION
TARGET uint32_t quantrac_crc32c(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *next = bytes;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        crc = STEP8(crc, word);
    }
    for (; count > 0; count--, next++) crc = STEP1(crc, *next);
    return crc;
}
#endif
