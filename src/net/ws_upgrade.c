/* SPDX-License-Identifier: MIT */
#include "net/ws_upgrade.h"

#include <stdio.h>

#include "base/err.h"
#include "net/digest.h"

enum { KEY_LENGTH = 24, ACCEPT_LENGTH = 28 };

/* RFC 6455 section 1.3. */
static const char GUID[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
enum { GUID_LENGTH = sizeof(GUID) - 1 };

static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_alphanumeric(char octet)
{
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') ||
           (octet >= '0' && octet <= '9');
}

static bool is_one_of(char octet, const char *set)
{
    return octet != '\0' && strchr(set, octet) != NULL;
}

/* Whether a comma-separated list has the token, in any case (RFC 9110 section 5.6.1). */
static bool has_token(struct tg_str list, struct tg_str token)
{
    while (list.at) {
        if (tg_str_is_caseless(tg_str_trim(tg_str_split(&list, ',')), token)) {
            return true;
        }
    }
    return false;
}

/* The same over all headers of that name, which are one list (RFC 9110 section 5.3). */
static bool any_has_token(const struct tg_handshake *request, struct tg_str name,
                          struct tg_str token)
{
    for (uint32_t i = 0; i < request->header_count; i++) {
        const struct tg_header *header = &request->headers[i];
        if (tg_str_is_caseless(header->name, name) && has_token(header->value, token)) {
            return true;
        }
    }
    return false;
}

/* uri-host [ ":" port ] by its alphabet (RFC 9110 section 7.2, RFC 3986 section 3.2.2). */
static bool is_host(struct tg_str host)
{
    for (size_t i = 0; i < host.length; i++) {
        if (!is_alphanumeric(host.at[i]) && !is_one_of(host.at[i], "-._~%!$&'()*+,;=:[]")) {
            return false;
        }
    }
    return host.length > 0;
}

/* 16 octets in base64: the 22nd character holds only two bits of them. */
static bool is_key(struct tg_str key)
{
    if (key.length != KEY_LENGTH || key.at[22] != '=' || key.at[23] != '=') {
        return false;
    }
    for (size_t i = 0; i < 22; i++) {
        if (!is_one_of(key.at[i], BASE64)) {
            return false;
        }
    }
    return is_one_of(key.at[21], "AQgw");
}

/* A second copy of these could be read by one party and not by the other. */
static bool has_ambiguous_copies(const struct tg_handshake *request)
{
    static const char *const ONCE[] = {
        "upgrade", "sec-websocket-key", "sec-websocket-version", "authorization", "origin",
    };
    struct tg_str value;

    for (size_t i = 0; i < sizeof(ONCE) / sizeof(ONCE[0]); i++) {
        if (tg_handshake_find(request, tg_str_of(ONCE[i]), &value) > 1) {
            return true;
        }
    }
    return false;
}

/* What HTTP itself asks. A body on an upgrade is the stuff of request smuggling. */
static bool is_sound_request(const struct tg_handshake *request)
{
    struct tg_str value;

    return tg_handshake_find(request, TG_STR("host"), &value) == 1 && is_host(value) &&
           tg_handshake_find(request, TG_STR("content-length"), &value) == 0 &&
           tg_handshake_find(request, TG_STR("transfer-encoding"), &value) == 0;
}

enum tg_refusal tg_ws_upgrade_read(struct tg_str target, const struct tg_header *headers,
                                   uint32_t header_count, struct tg_ws_upgrade *upgrade)
{
    struct tg_handshake *request = &upgrade->request;
    struct tg_str value = {NULL, 0};

    *upgrade = (struct tg_ws_upgrade){.request = {.headers = headers}};
    request->header_count = header_count;
    request->query = target;
    request->path = tg_str_split(&request->query, '?');
    if (!is_sound_request(request)) {
        return TG_REFUSAL_MALFORMED;
    }
    if (!any_has_token(request, TG_STR("upgrade"), TG_STR("websocket"))) {
        return TG_REFUSAL_NOT_WEBSOCKET;
    }
    if (has_ambiguous_copies(request) ||
        !any_has_token(request, TG_STR("connection"), TG_STR("upgrade"))) {
        return TG_REFUSAL_BAD_UPGRADE;
    }
    if (tg_handshake_find(request, TG_STR("sec-websocket-version"), &value) != 1 ||
        !tg_str_is(value, TG_STR("13"))) {
        return TG_REFUSAL_BAD_WEBSOCKET_VERSION;
    }
    if (tg_handshake_find(request, TG_STR("sec-websocket-key"), &upgrade->key) != 1 ||
        !is_key(upgrade->key)) {
        return TG_REFUSAL_BAD_UPGRADE;
    }
    return TG_REFUSAL_NONE;
}

/* Base64 with padding of a SHA-1 digest (RFC 4648 section 4); terminated. */
static void write_base64(const uint8_t digest[TG_SHA1_BYTES], char text[ACCEPT_LENGTH + 1])
{
    for (size_t i = 0; i < TG_SHA1_BYTES; i += 3) {
        bool has_third = i + 2 < TG_SHA1_BYTES;
        uint32_t bits = (uint32_t)digest[i] << 16 | (uint32_t)digest[i + 1] << 8;

        if (has_third) {
            bits |= digest[i + 2];
        }
        *text++ = BASE64[bits >> 18];
        *text++ = BASE64[bits >> 12 & 63];
        *text++ = BASE64[bits >> 6 & 63];
        *text++ = has_third ? BASE64[bits & 63] : '=';
    }
    *text = '\0';
}

/* A subprotocol is a token (RFC 6455 section 4.1, item 10); CR and LF in it would forge headers. */
static bool is_token(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!is_alphanumeric(text.at[i]) && !is_one_of(text.at[i], "!#$%&'*+-.^_`|~")) {
            return false;
        }
    }
    return true;
}

int tg_ws_upgrade_answer(struct tg_str key, struct tg_str subprotocol,
                         char answer[TG_WS_UPGRADE_ANSWER_MAX], size_t *length)
{
    char salted[KEY_LENGTH + GUID_LENGTH];
    uint8_t digest[TG_SHA1_BYTES];
    char accept[ACCEPT_LENGTH + 1];
    bool has_subprotocol = subprotocol.length > 0;

    if (key.length != KEY_LENGTH || !is_token(subprotocol)) {
        return TG_ERR_INVALID;
    }
    if (subprotocol.length > TG_WS_UPGRADE_SUBPROTOCOL_MAX) {
        return TG_ERR_TOO_LARGE;
    }
    memcpy(salted, key.at, KEY_LENGTH);
    memcpy(salted + KEY_LENGTH, GUID, GUID_LENGTH);
    if (tg_digest_sha1(tg_str(salted, sizeof(salted)), digest) != TG_OK) {
        return TG_ERR_NOMEM;
    }
    write_base64(digest, accept);
    /* Fits: the fixed text takes 129 octets and the subprotocol at most its bound and 26 more. */
    int written =
        snprintf(answer, TG_WS_UPGRADE_ANSWER_MAX,
                 "HTTP/1.1 101 Switching Protocols\r\n"
                 "Upgrade: websocket\r\n"
                 "Connection: Upgrade\r\n"
                 "Sec-WebSocket-Accept: %s\r\n"
                 "%s%.*s%s\r\n",
                 accept, has_subprotocol ? "Sec-WebSocket-Protocol: " : "", (int)subprotocol.length,
                 has_subprotocol ? subprotocol.at : "", has_subprotocol ? "\r\n" : "");
    *length = (size_t)written;
    return TG_OK;
}
