/* SPDX-License-Identifier: MIT */
#include "net/proxy_protocol.h"

#include "base/err.h"

/* Version 2, section 2.2. */
static const char SIGNATURE[] = "\r\n\r\n\0\r\nQUIT\n";
enum {
    SIGNATURE_LENGTH = sizeof(SIGNATURE) - 1,
    HEAD_LENGTH = 16, /* signature, version and command, family and transport, length */
    VERSION_AT = 12,
    FAMILY_AT = 13,
    LENGTH_AT = 14,
    COMMAND_LOCAL = 0x20,
    COMMAND_PROXY = 0x21,
    FAMILY_UNSPEC = 0x00,
    FAMILY_TCP4 = 0x11,
    FAMILY_TCP6 = 0x21,
    FAMILY_UNIX = 0x31,
    ADDRESSES_TCP4 = 12,
    ADDRESSES_TCP6 = 36,
    ADDRESSES_UNIX = 216,
    TLV_HEAD_LENGTH = 3,
    TLV_CRC32C = 0x03,
    CRC32C_LENGTH = 4
};

static const uint32_t CRC32C_POLYNOMIAL = 0x82f63b78u; /* reflected (RFC 3720 appendix B.4) */

static const char V1_START[] = "PROXY ";
enum { V1_START_LENGTH = sizeof(V1_START) - 1, PORT_DIGITS_MAX = 5, PORT_MAX = 65535 };

static uint32_t octet_at(struct tg_str octets, size_t at)
{
    return (uint8_t)octets.at[at];
}

static bool starts_alike(struct tg_str octets, const char *start, size_t length)
{
    return memcmp(octets.at, start, octets.length < length ? octets.length : length) == 0;
}

/* --- version 1 --- */

/* Decimal without leading zeros. */
static bool is_port(struct tg_str text)
{
    uint32_t port = 0;

    if (text.length < 1 || text.length > PORT_DIGITS_MAX ||
        (text.length > 1 && text.at[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        port = port * 10 + (uint32_t)(text.at[i] - '0');
    }
    return port <= PORT_MAX;
}

static bool is_address(struct tg_str text, bool is_v4, struct tg_ip *ip)
{
    bool has_colon = text.length > 0 && memchr(text.at, ':', text.length) != NULL;

    return has_colon != is_v4 && tg_ip_read(text, ip) == TG_OK;
}

/* What stands after "PROXY ", without the CRLF: TCP4 SOURCE DESTINATION PORT PORT. */
static int read_words(struct tg_str rest, struct tg_proxy_header *header)
{
    struct tg_str family = tg_str_split(&rest, ' ');
    struct tg_str words[4];
    struct tg_ip destination;
    bool is_v4 = tg_str_is(family, TG_STR("TCP4"));

    if (tg_str_is(family, TG_STR("UNKNOWN"))) {
        return TG_OK; /* the rest of the line is not to be looked at */
    }
    if (!is_v4 && !tg_str_is(family, TG_STR("TCP6"))) {
        return TG_ERR_SYNTAX;
    }
    for (size_t i = 0; i < 4; i++) {
        if (!rest.at) {
            return TG_ERR_SYNTAX;
        }
        words[i] = tg_str_split(&rest, ' ');
    }
    header->has_source = !rest.at && is_address(words[0], is_v4, &header->source) &&
                         is_address(words[1], is_v4, &destination) && is_port(words[2]) &&
                         is_port(words[3]);
    return header->has_source ? TG_OK : TG_ERR_SYNTAX;
}

static int read_line(struct tg_str octets, struct tg_proxy_header *header)
{
    size_t length =
        octets.length < TG_PROXY_PROTOCOL_LINE_MAX ? octets.length : TG_PROXY_PROTOCOL_LINE_MAX;
    const char *end = memchr(octets.at, '\n', length);

    if (!starts_alike(octets, V1_START, V1_START_LENGTH)) {
        return TG_ERR_SYNTAX;
    }
    if (!end) {
        return length < TG_PROXY_PROTOCOL_LINE_MAX ? TG_ERR_INCOMPLETE : TG_ERR_TOO_LARGE;
    }
    if (end - octets.at <= V1_START_LENGTH || end[-1] != '\r') {
        return TG_ERR_SYNTAX;
    }
    header->length = (uint32_t)(end - octets.at) + 1;
    return read_words(tg_str(octets.at + V1_START_LENGTH, header->length - V1_START_LENGTH - 2),
                      header);
}

/* --- version 2 --- */

static uint32_t add_to_crc32c(uint32_t crc, uint32_t octet)
{
    crc ^= octet;
    for (int bit = 0; bit < 8; bit++) {
        crc = crc >> 1 ^ (crc & 1 ? CRC32C_POLYNOMIAL : 0);
    }
    return crc;
}

/* Over the whole header, the checksum itself taken as zeroes. */
static bool is_checksum_right(struct tg_str whole, size_t checksum_at)
{
    uint32_t crc = UINT32_MAX;
    uint32_t told = 0;

    for (size_t i = 0; i < whole.length; i++) {
        bool is_own = i >= checksum_at && i < checksum_at + CRC32C_LENGTH;
        crc = add_to_crc32c(crc, is_own ? 0 : octet_at(whole, i));
        told = is_own ? told << 8 | octet_at(whole, i) : told;
    }
    return ~crc == told;
}

/* Type, two octets of length, value; one after the other to the end (section 2.2.1). */
static int check_tlvs(struct tg_str whole, size_t at)
{
    while (at < whole.length) {
        if (whole.length - at < TLV_HEAD_LENGTH) {
            return TG_ERR_SYNTAX;
        }
        uint32_t type = octet_at(whole, at);
        size_t length = octet_at(whole, at + 1) << 8 | octet_at(whole, at + 2);
        at += TLV_HEAD_LENGTH;
        if (whole.length - at < length) {
            return TG_ERR_SYNTAX;
        }
        if (type == TLV_CRC32C && (length != CRC32C_LENGTH || !is_checksum_right(whole, at))) {
            return TG_ERR_SYNTAX;
        }
        at += length;
    }
    return TG_OK;
}

static int read_addresses(struct tg_str whole, struct tg_proxy_header *header)
{
    const uint8_t *source = (const uint8_t *)whole.at + HEAD_LENGTH;
    size_t room = whole.length - HEAD_LENGTH;
    size_t needed = 0;

    switch (octet_at(whole, FAMILY_AT)) {
    case FAMILY_UNSPEC:
        break;
    case FAMILY_TCP4:
        needed = ADDRESSES_TCP4;
        break;
    case FAMILY_TCP6:
        needed = ADDRESSES_TCP6;
        break;
    case FAMILY_UNIX:
        needed = ADDRESSES_UNIX;
        break;
    default:
        return TG_ERR_SYNTAX; /* no stream, or not specified: to be dropped */
    }
    if (room < needed) {
        return TG_ERR_SYNTAX;
    }
    if (needed == ADDRESSES_TCP4) {
        header->source = tg_ip_of_v4(source);
        header->has_source = true;
    } else if (needed == ADDRESSES_TCP6) {
        memcpy(header->source.octets, source, sizeof(header->source.octets));
        header->has_source = true;
    }
    return check_tlvs(whole, HEAD_LENGTH + needed);
}

static int read_binary(struct tg_str octets, struct tg_proxy_header *header)
{
    if (!starts_alike(octets, SIGNATURE, SIGNATURE_LENGTH)) {
        return TG_ERR_SYNTAX;
    }
    if (octets.length > VERSION_AT && octet_at(octets, VERSION_AT) != COMMAND_LOCAL &&
        octet_at(octets, VERSION_AT) != COMMAND_PROXY) {
        return TG_ERR_SYNTAX;
    }
    if (octets.length < HEAD_LENGTH) {
        return TG_ERR_INCOMPLETE;
    }
    size_t length =
        HEAD_LENGTH + (octet_at(octets, LENGTH_AT) << 8 | octet_at(octets, LENGTH_AT + 1));
    if (length > TG_PROXY_PROTOCOL_MAX) {
        return TG_ERR_TOO_LARGE;
    }
    if (octets.length < length) {
        return TG_ERR_INCOMPLETE;
    }
    header->length = (uint32_t)length;
    if (octet_at(octets, VERSION_AT) == COMMAND_LOCAL) {
        return TG_OK; /* what it says beside that is to be discarded */
    }
    return read_addresses(tg_str(octets.at, length), header);
}

int tg_proxy_protocol_read(struct tg_str octets, struct tg_proxy_header *header)
{
    *header = (struct tg_proxy_header){0};
    if (octets.length == 0) {
        return TG_ERR_INCOMPLETE;
    }
    return octets.at[0] == SIGNATURE[0] ? read_binary(octets, header) : read_line(octets, header);
}
