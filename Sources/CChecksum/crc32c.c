#include "CChecksum.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define HAS_INSTRUCTION 1
#define TARGET __attribute__((target("sse4.2")))
#define STEP8(crc, word) ((uint32_t)_mm_crc32_u64((crc), (word)))
#define STEP1(crc, byte) _mm_crc32_u8((crc), (byte))

static bool has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }

#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <sys/auxv.h>
#define HAS_INSTRUCTION 1
#define TARGET __attribute__((target("crc")))
#define STEP8(crc, word) __crc32cd((crc), (word))
#define STEP1(crc, byte) __crc32cb((crc), (byte))

// HWCAP_CRC32 of the kernel's arch/arm64/include/uapi/asm/hwcap.h.
static bool has_instruction(void) { return (getauxval(AT_HWCAP) & (1UL << 7)) != 0; }

#else
bool quantrac_has_crc32c(void) { return false; }

uint32_t quantrac_crc32c(uint32_t crc, const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return crc;
}
#endif

#ifdef HAS_INSTRUCTION
// The instruction waits three cycles for the one before, but three may be under way. So long runs are cut into three blocks
// of this length; their remainders are joined by what each bit of a remainder becomes behind a block of zeros.
enum { block = 512 };
static uint32_t behind_zeros[4][256];

TARGET static uint32_t over(uint32_t crc, const unsigned char *next, size_t count) {
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        crc = STEP8(crc, word);
    }
    for (; count > 0; count--, next++) crc = STEP1(crc, *next);
    return crc;
}

static uint32_t behind(uint32_t crc) {
    return behind_zeros[0][crc & 0xff] ^ behind_zeros[1][crc >> 8 & 0xff] ^ behind_zeros[2][crc >> 16 & 0xff]
        ^ behind_zeros[3][crc >> 24];
}

bool quantrac_has_crc32c(void) {
    if (!has_instruction()) return false;
    static const unsigned char zeros[block];
    for (int byte = 0; byte < 4; byte++)
        for (uint32_t value = 0; value < 256; value++)
            behind_zeros[byte][value] = over(value << 8 * byte, zeros, block);
    return true;
}

TARGET uint32_t quantrac_crc32c(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *next = bytes;
    for (; count >= 3 * block; count -= 3 * block, next += 3 * block) {
        uint32_t second = 0, third = 0;
        for (size_t at = 0; at < block; at += 8) {
            uint64_t words[3];
            memcpy(&words[0], next + at, 8);
            memcpy(&words[1], next + block + at, 8);
            memcpy(&words[2], next + 2 * block + at, 8);
            crc = STEP8(crc, words[0]);
            second = STEP8(second, words[1]);
            third = STEP8(third, words[2]);
        }
        crc = behind(behind(crc) ^ second) ^ third;
    }
    return over(crc, next, count);
}
#endif
