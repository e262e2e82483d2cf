/* SPDX-License-Identifier: MIT */
#include "base/ip.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "base/check.h"
#include "base/err.h"

enum { V4_AT = 12, V4_BITS = 32, ALL_BITS = 128 };

static const uint8_t V4_PREFIX[V4_AT] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

_Static_assert(TG_IP_TEXT_BYTES >= INET6_ADDRSTRLEN, "the longest text must fit");

int tg_ip_read(struct tg_str text, struct tg_ip *ip)
{
    char copy[TG_IP_TEXT_BYTES];
    uint8_t v4[4];

    if (text.length == 0 || text.length >= sizeof(copy) || memchr(text.at, '\0', text.length)) {
        return TG_ERR_SYNTAX;
    }
    memcpy(copy, text.at, text.length);
    copy[text.length] = '\0';
    if (inet_pton(AF_INET, copy, v4) == 1) {
        *ip = tg_ip_of_v4(v4);
        return TG_OK;
    }
    return inet_pton(AF_INET6, copy, ip->octets) == 1 ? TG_OK : TG_ERR_SYNTAX;
}

struct tg_ip tg_ip_of_v4(const uint8_t octets[4])
{
    struct tg_ip ip;

    memcpy(ip.octets, V4_PREFIX, sizeof(V4_PREFIX));
    memcpy(ip.octets + V4_AT, octets, 4);
    return ip;
}

bool tg_ip_is_v4(const struct tg_ip *ip)
{
    return memcmp(ip->octets, V4_PREFIX, sizeof(V4_PREFIX)) == 0;
}

const char *tg_ip_write(const struct tg_ip *ip, char text[TG_IP_TEXT_BYTES])
{
    bool is_v4 = tg_ip_is_v4(ip);
    const char *written =
        inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? ip->octets + V4_AT : ip->octets, text,
                  TG_IP_TEXT_BYTES);

    tg_require(written != NULL);
    return text;
}

/* One to three digits. */
static int read_bits(struct tg_str text, uint32_t max, uint32_t *bits)
{
    *bits = 0;
    if (text.length < 1 || text.length > 3 || (text.length > 1 && text.at[0] == '0')) {
        return TG_ERR_SYNTAX;
    }
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return TG_ERR_SYNTAX;
        }
        *bits = *bits * 10 + (uint32_t)(text.at[i] - '0');
    }
    return *bits <= max ? TG_OK : TG_ERR_SYNTAX;
}

/* Whether the two agree in the bits from first to the one before end. */
static bool is_alike(const struct tg_ip *a, const struct tg_ip *b, uint32_t first, uint32_t end)
{
    for (uint32_t bit = first; bit < end; bit++) {
        uint8_t mask = (uint8_t)(0x80u >> (bit % 8));
        if ((a->octets[bit / 8] ^ b->octets[bit / 8]) & mask) {
            return false;
        }
    }
    return true;
}

int tg_ip_range_read(struct tg_str text, struct tg_ip_range *range)
{
    static const struct tg_ip ZERO = {{0}};
    struct tg_str rest = text;
    struct tg_str address = tg_str_split(&rest, '/');
    uint32_t bits = ALL_BITS;
    int err = tg_ip_read(address, &range->first);

    if (!err && rest.at) {
        /* "::ffff:10.0.0.0/104" and "10.0.0.0/8" are the same range; the text says which count. */
        bool is_v4 = memchr(address.at, ':', address.length) == NULL;
        err = read_bits(rest, is_v4 ? V4_BITS : ALL_BITS, &bits);
        bits += is_v4 ? ALL_BITS - V4_BITS : 0;
    }
    if (err || !is_alike(&range->first, &ZERO, bits, ALL_BITS)) {
        return TG_ERR_SYNTAX;
    }
    range->bits = (uint8_t)bits;
    return TG_OK;
}

bool tg_ip_range_has(const struct tg_ip_range *range, const struct tg_ip *ip)
{
    return is_alike(&range->first, ip, 0, range->bits);
}
