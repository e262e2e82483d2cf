/* SPDX-License-Identifier: MIT */
#include "net/http_head.h"

/* Where in the head the next octet stands. */
enum part {
    PART_METHOD,
    PART_TARGET,
    PART_VERSION, /* "HTTP/1.1" */
    PART_REQUEST_LF,
    PART_LINE, /* first octet of a field line, or of the empty line */
    PART_NAME,
    PART_VALUE,
    PART_VALUE_LF,
    PART_END_LF
};

enum { TARGET_START = 4 /* after "GET " */ };

static const char METHOD[] = "GET";
static const char VERSION[] = "HTTP/1.1";
enum { METHOD_LENGTH = sizeof(METHOD) - 1, VERSION_LENGTH = sizeof(VERSION) - 1 };

/* Scanning goes on. */
static const enum tg_refusal GO_ON = TG_REFUSAL_NONE;

/* tchar of RFC 9110 section 5.6.2. */
static bool is_token(char octet)
{
    if ((octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') ||
        (octet >= '0' && octet <= '9')) {
        return true;
    }
    return octet != '\0' && strchr("!#$%&'*+-.^_`|~", octet) != NULL;
}

/* field-vchar, blanks and obs-text of RFC 9110 section 5.5: all but control octets. */
static bool is_value(char octet)
{
    return octet == '\t' || ((uint8_t)octet >= 0x20 && octet != 0x7f);
}

/* Visible ASCII. A fragment is never sent (RFC 9112 section 3.2). */
static bool is_target(char octet)
{
    return octet > 0x20 && octet < 0x7f && octet != '#';
}

/* What speaks another protocol (TLS begins with octet 22) is told from HTTP at its first octet. */
static enum tg_refusal scan_method(struct tg_http_head *head, char octet)
{
    uint32_t at = head->length;

    if (octet == ' ' && at > 0) {
        if (at != METHOD_LENGTH || head->step != METHOD_LENGTH) {
            return TG_REFUSAL_BAD_METHOD;
        }
        head->part = PART_TARGET;
        head->step = 0;
        return GO_ON;
    }
    if (at >= TG_HTTP_METHOD_MAX || !is_token(octet) || (at == 0 && (octet < 'A' || octet > 'Z'))) {
        return TG_REFUSAL_MALFORMED;
    }
    if (at == head->step && at < METHOD_LENGTH && octet == METHOD[at]) {
        head->step++;
    }
    return GO_ON;
}

static enum tg_refusal scan_target(struct tg_http_head *head, char octet)
{
    uint32_t length = head->length - TARGET_START;

    if (octet == ' ' && length > 0) {
        head->target_end = head->length;
        head->part = PART_VERSION;
        return GO_ON;
    }
    if (!is_target(octet) || (length == 0 && octet != '/')) {
        return TG_REFUSAL_MALFORMED;
    }
    return length < TG_HTTP_TARGET_MAX ? GO_ON : TG_REFUSAL_URI_TOO_LONG;
}

/* HTTP-version is "HTTP/" DIGIT "." DIGIT (RFC 9112 section 2.3). */
static enum tg_refusal scan_version(struct tg_http_head *head, char octet)
{
    if (head->step == VERSION_LENGTH) {
        if (octet != '\r') {
            return TG_REFUSAL_MALFORMED;
        }
        head->part = PART_REQUEST_LF;
        head->step = 0;
        return head->is_other_version ? TG_REFUSAL_BAD_HTTP_VERSION : GO_ON;
    }
    char wanted = VERSION[head->step++];
    if (octet == wanted) {
        return GO_ON;
    }
    if (wanted != '1' || octet < '0' || octet > '9') {
        return TG_REFUSAL_MALFORMED;
    }
    head->is_other_version = true;
    return GO_ON;
}

/* A blank here would be a folded line (RFC 9112 section 5.2) or one before the first field. */
static enum tg_refusal scan_line_start(struct tg_http_head *head, char octet, uint32_t fields_max)
{
    if (octet == '\r') {
        head->part = PART_END_LF;
        return GO_ON;
    }
    if (!is_token(octet)) {
        return TG_REFUSAL_MALFORMED;
    }
    if (head->fields == fields_max) {
        return TG_REFUSAL_HEAD_TOO_LARGE;
    }
    head->fields++;
    head->part = PART_NAME;
    return GO_ON;
}

static enum tg_refusal scan_name(struct tg_http_head *head, char octet)
{
    if (octet == ':') {
        head->part = PART_VALUE;
        return GO_ON;
    }
    return is_token(octet) ? GO_ON : TG_REFUSAL_MALFORMED;
}

static enum tg_refusal scan_value(struct tg_http_head *head, char octet)
{
    if (octet == '\r') {
        head->part = PART_VALUE_LF;
        return GO_ON;
    }
    return is_value(octet) ? GO_ON : TG_REFUSAL_MALFORMED;
}

static enum tg_refusal scan_line_feed(struct tg_http_head *head, char octet)
{
    head->part = PART_LINE;
    return octet == '\n' ? GO_ON : TG_REFUSAL_MALFORMED;
}

static enum tg_refusal scan_octet(struct tg_http_head *head, char octet, uint32_t fields_max)
{
    switch ((enum part)head->part) {
    case PART_METHOD:
        return scan_method(head, octet);
    case PART_TARGET:
        return scan_target(head, octet);
    case PART_VERSION:
        return scan_version(head, octet);
    case PART_LINE:
        return scan_line_start(head, octet, fields_max);
    case PART_NAME:
        return scan_name(head, octet);
    case PART_VALUE:
        return scan_value(head, octet);
    case PART_REQUEST_LF:
    case PART_VALUE_LF:
    case PART_END_LF:
        return scan_line_feed(head, octet);
    }
    return TG_REFUSAL_MALFORMED;
}

enum tg_http_head_result tg_http_head_scan(struct tg_http_head *head, struct tg_str octets,
                                           const struct tg_http_head_limits *limits)
{
    while (head->length < octets.length) {
        bool is_last = head->part == PART_END_LF;
        enum tg_refusal refusal = TG_REFUSAL_HEAD_TOO_LARGE;

        if (head->length < limits->bytes) {
            refusal = scan_octet(head, octets.at[head->length], limits->fields);
        } else if (head->part == PART_TARGET) {
            refusal = TG_REFUSAL_URI_TOO_LONG;
        }
        if (refusal != GO_ON) {
            head->refusal = (uint8_t)refusal;
            return TG_HTTP_HEAD_REFUSED;
        }
        head->length++;
        if (is_last) {
            return TG_HTTP_HEAD_COMPLETE;
        }
    }
    return TG_HTTP_HEAD_INCOMPLETE;
}

void tg_http_head_read(const struct tg_http_head *head, struct tg_str octets, struct tg_str *target,
                       struct tg_header *headers)
{
    const char *at = octets.at + head->target_end + 1 + VERSION_LENGTH + 2;
    const char *end = octets.at + head->length;

    *target = tg_str(octets.at + TARGET_START, head->target_end - TARGET_START);
    for (uint32_t i = 0; i < head->fields; i++) {
        const char *colon = memchr(at, ':', (size_t)(end - at));
        const char *line_end = memchr(colon, '\r', (size_t)(end - colon));

        headers[i].name = tg_str(at, (size_t)(colon - at));
        headers[i].value = tg_str_trim(tg_str(colon + 1, (size_t)(line_end - colon - 1)));
        at = line_end + 2;
    }
}
