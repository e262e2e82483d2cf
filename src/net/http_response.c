/* SPDX-License-Identifier: MIT */
#include "net/http_response.h"

#include <stdint.h>
#include <string.h>

enum { INTERIM_MAX = 8, CHUNK_LINE_MAX = 256, LENGTH_DIGITS_MAX = 15, CHUNK_DIGITS_MAX = 8 };

struct head {
    int status;
    bool is_chunked;
    bool has_length;
    uint64_t length;
};

static int refuse(struct tg_errmsg *msg, const char *what)
{
    return tg_errmsg_set(msg, TG_ERR_SYNTAX, "%s", what);
}

static int wait_for_more(bool is_ended, struct tg_errmsg *msg)
{
    return is_ended ? refuse(msg, "the answer is cut") : TG_ERR_INCOMPLETE;
}

/* Takes a line off *rest. It ends in CR LF, or LF alone (RFC 9112 section 2.2). */
static bool take_line(struct tg_str *rest, struct tg_str *line)
{
    const char *end = rest->length > 0 ? memchr(rest->at, '\n', rest->length) : NULL;

    if (!end) {
        return false;
    }
    size_t length = (size_t)(end - rest->at);
    *line = tg_str(rest->at, length > 0 && end[-1] == '\r' ? length - 1 : length);
    *rest = tg_str(end + 1, rest->length - length - 1);
    return true;
}

static bool read_number(struct tg_str text, unsigned base, size_t digits_max, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        unsigned digit = base;
        if (c >= '0' && c <= '9') {
            digit = (unsigned)(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            digit = (unsigned)((c | 0x20) - 'a') + 10;
        }
        if (digit >= base) {
            return false;
        }
        *number = *number * base + digit;
    }
    return text.length > 0 && text.length <= digits_max;
}

/* "HTTP/1.1 200 OK" (RFC 9112 section 4). */
static bool read_status_line(struct tg_str line, int *status)
{
    uint64_t number = 0;
    bool is_known =
        tg_str_starts(line, TG_STR("HTTP/1.1 ")) || tg_str_starts(line, TG_STR("HTTP/1.0 "));

    if (!is_known || line.length < 12 || (line.length > 12 && line.at[12] != ' ') ||
        !read_number(tg_str(line.at + 9, 3), 10, 3, &number) || number < 100) {
        return false;
    }
    *status = (int)number;
    return true;
}

static int read_field(struct tg_str line, struct head *head, struct tg_errmsg *msg)
{
    struct tg_str value = line;
    struct tg_str name = tg_str_split(&value, ':');

    /* A line that goes on the one before is obsolete (section 5.2). */
    if (!value.at || name.length == 0 || memchr(line.at, '\0', line.length) ||
        strchr(" \t", line.at[0]) || strchr(" \t", name.at[name.length - 1])) {
        return refuse(msg, "a header line makes no sense");
    }
    value = tg_str_trim(value);
    if (tg_str_is_caseless(name, TG_STR("content-length"))) {
        uint64_t length = 0;
        if (!read_number(value, 10, LENGTH_DIGITS_MAX, &length) ||
            (head->has_length && head->length != length)) {
            return refuse(msg, "Content-Length makes no sense");
        }
        head->has_length = true;
        head->length = length;
    } else if (tg_str_is_caseless(name, TG_STR("transfer-encoding"))) {
        if (head->is_chunked || !tg_str_is_caseless(value, TG_STR("chunked"))) {
            return refuse(msg, "Transfer-Encoding is not chunked");
        }
        head->is_chunked = true;
    } else if (tg_str_is_caseless(name, TG_STR("content-encoding")) &&
               !tg_str_is_caseless(value, TG_STR("identity"))) {
        return refuse(msg, "Content-Encoding was not asked for");
    }
    return TG_OK;
}

static int read_head(struct tg_str *rest, bool is_ended, struct head *head, struct tg_errmsg *msg)
{
    const char *begin = rest->at;
    struct tg_str line;

    *head = (struct head){0};
    for (uint32_t i = 0; i <= TG_HTTP_RESPONSE_FIELDS_MAX + 1; i++) {
        if (!take_line(rest, &line)) {
            return (size_t)(rest->at - begin) + rest->length > TG_HTTP_RESPONSE_HEAD_MAX
                       ? tg_errmsg_set(msg, TG_ERR_TOO_LARGE, "the head is too large")
                       : wait_for_more(is_ended, msg);
        }
        if ((size_t)(rest->at - begin) > TG_HTTP_RESPONSE_HEAD_MAX) {
            break;
        }
        if (i == 0 && !read_status_line(line, &head->status)) {
            return refuse(msg, "it is no HTTP/1.1 answer");
        }
        if (i > 0 && line.length == 0) {
            /* Both would be two opinions on where the body ends (section 6.3). */
            return head->is_chunked && head->has_length
                       ? refuse(msg, "it has both Content-Length and Transfer-Encoding")
                       : TG_OK;
        }
        int err = i > 0 ? read_field(line, head, msg) : TG_OK;
        if (err) {
            return err;
        }
    }
    return tg_errmsg_set(msg, TG_ERR_TOO_LARGE, "the head is too large");
}

static int add(struct tg_buf *body, struct tg_str piece, struct tg_errmsg *msg)
{
    tg_buf_add_str(body, piece);
    if (body->err == TG_ERR_TOO_LARGE) {
        return tg_errmsg_set(msg, body->err, "the body is larger than %zu KiB", body->limit >> 10);
    }
    return body->err ? tg_errmsg_set(msg, body->err, "%s", tg_err_text(body->err)) : TG_OK;
}

/* RFC 9112 section 7.1; extensions and trailers are passed over. */
static int read_chunks(struct tg_str rest, bool is_ended, struct tg_buf *body,
                       struct tg_errmsg *msg)
{
    struct tg_str line;

    for (;;) {
        uint64_t length = 0;
        if (!take_line(&rest, &line)) {
            return rest.length > CHUNK_LINE_MAX ? refuse(msg, "a chunk's size is too long")
                                                : wait_for_more(is_ended, msg);
        }
        struct tg_str size = tg_str_trim(tg_str_split(&line, ';'));
        if (!read_number(size, 16, CHUNK_DIGITS_MAX, &length)) {
            return refuse(msg, "a chunk's size makes no sense");
        }
        if (length == 0) {
            break;
        }
        if (length > body->limit) {
            return tg_errmsg_set(msg, TG_ERR_TOO_LARGE, "the body is larger than %zu KiB",
                                 body->limit >> 10);
        }
        if (rest.length < length) {
            return wait_for_more(is_ended, msg);
        }
        int err = add(body, tg_str(rest.at, (size_t)length), msg);
        if (err) {
            return err;
        }
        rest = tg_str(rest.at + length, rest.length - (size_t)length);
        if (!take_line(&rest, &line)) {
            return rest.length > 1 ? refuse(msg, "a chunk does not end where it says")
                                   : wait_for_more(is_ended, msg);
        }
        if (line.length > 0) {
            return refuse(msg, "a chunk does not end where it says");
        }
    }
    for (int i = 0; i < TG_HTTP_RESPONSE_FIELDS_MAX; i++) {
        if (!take_line(&rest, &line)) {
            return wait_for_more(is_ended, msg);
        }
        if (line.length == 0) {
            return TG_OK;
        }
    }
    return refuse(msg, "there are too many trailers");
}

static int read_body(const struct head *head, struct tg_str rest, bool is_ended,
                     struct tg_buf *body, struct tg_errmsg *msg)
{
    if (head->status == 204 || head->status == 304) {
        return TG_OK;
    }
    if (head->is_chunked) {
        return read_chunks(rest, is_ended, body, msg);
    }
    if (!head->has_length) {
        int err = add(body, rest, msg);
        return err || is_ended ? err : TG_ERR_INCOMPLETE;
    }
    if (head->length > body->limit) {
        return tg_errmsg_set(msg, TG_ERR_TOO_LARGE, "the body is larger than %zu KiB",
                             body->limit >> 10);
    }
    if (rest.length < head->length) {
        return wait_for_more(is_ended, msg);
    }
    return add(body, tg_str(rest.at, (size_t)head->length), msg);
}

int tg_http_response_read(struct tg_str octets, bool is_ended, int *status, struct tg_buf *body,
                          struct tg_errmsg *msg)
{
    struct head head;

    tg_buf_clear(body);
    for (int i = 0; i <= INTERIM_MAX; i++) {
        int err = read_head(&octets, is_ended, &head, msg);
        if (err) {
            return err;
        }
        if (head.status >= 200) {
            *status = head.status;
            return read_body(&head, octets, is_ended, body, msg);
        }
    }
    return refuse(msg, "there are too many interim answers");
}
