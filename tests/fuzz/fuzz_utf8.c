/* SPDX-License-Identifier: MIT */
/* The validator against the definition (RFC 3629 section 3), and against itself cut in pieces. */
#include "target.h"

#include "base/check.h"
#include "base/utf8.h"

/* Decodes one character; 0: not one. */
static size_t character_size(const uint8_t *octets, size_t length)
{
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = octets[0] < 0x80           ? 1
                  : (octets[0] >> 5) == 0x06 ? 2
                  : (octets[0] >> 4) == 0x0e ? 3
                  : (octets[0] >> 3) == 0x1e ? 4
                                             : 0;

    if (size <= 1 || size > length) {
        return size > length ? 0 : size;
    }
    uint32_t number = octets[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((octets[i] >> 6) != 2) {
            return 0;
        }
        number = number << 6 | (octets[i] & 0x3f);
    }
    bool is_surrogate = number >= 0xd800 && number <= 0xdfff;
    return number >= LEAST[size] && number <= 0x10ffff && !is_surrogate ? size : 0;
}

static bool is_text(const uint8_t *octets, size_t length)
{
    while (length > 0) {
        size_t size = character_size(octets, length);
        if (size == 0) {
            return false;
        }
        octets += size;
        length -= size;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    bool expected = is_text(input, length);
    size_t cut = length > 0 ? input[0] % length : 0;
    struct tg_utf8 halves = {0};
    struct tg_utf8 single = {0};
    size_t at = 0;

    tg_require(tg_utf8_check(input, length) == expected);
    bool is_good = tg_utf8_feed(&halves, input, cut) &&
                   tg_utf8_feed(&halves, input + cut, length - cut) && tg_utf8_is_complete(&halves);
    tg_require(is_good == expected);
    while (at < length && tg_utf8_feed(&single, input + at, 1)) {
        at++;
        /* A text that ends here would be good exactly when it is one by the definition. */
        tg_require(tg_utf8_is_complete(&single) == is_text(input, at));
    }
    tg_require((at == length && tg_utf8_is_complete(&single)) == expected);
    return 0;
}
