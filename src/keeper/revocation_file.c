/* SPDX-License-Identifier: MIT */
#include "keeper/revocation_file.h"

#include <stdint.h>

#include "hub/revocations.h"
#include "hub/tenant.h"

static struct tg_str take_line(struct tg_str *rest)
{
    struct tg_str line = tg_str_split(rest, '\n');

    if (line.length > 0 && line.at[line.length - 1] == '\r') {
        line.length--;
    }
    return tg_str_trim(line);
}

/* The word before the first blank; what follows is left in *line, trimmed. */
static struct tg_str take_word(struct tg_str *line)
{
    size_t length = 0;

    while (length < line->length && line->at[length] != ' ' && line->at[length] != '\t') {
        length++;
    }
    struct tg_str word = tg_str(line->at, length);
    *line = tg_str_trim(tg_str(line->at + length, line->length - length));
    return word;
}

static bool has_control(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

/* What is wrong with the line; NULL: nothing. */
static const char *find_fault(struct tg_str kind, struct tg_str value)
{
    bool is_tenant = tg_str_is(kind, TG_STR("tenant"));

    if (!is_tenant && !tg_str_is(kind, TG_STR("jti")) && !tg_str_is(kind, TG_STR("sub"))) {
        return "expected \"jti VALUE\", \"sub VALUE\" or \"tenant VALUE\"";
    }
    if (value.length == 0 || value.length > TG_REVOCATION_VALUE_MAX) {
        return "expected a value of 1 to 128 octets";
    }
    if (has_control(value)) {
        return "expected a value without control characters";
    }
    if (is_tenant && !tg_tenant_is_id(value)) {
        return "expected an id of 1 to 63 of a-z, 0-9, _ and -";
    }
    return NULL;
}

int tg_revocation_file_parse(struct tg_str text, const char *path, struct tg_buf *out,
                             struct tg_errmsg *msg)
{
    uint32_t number = 0;
    uint32_t count = 0;

    while (text.at) {
        struct tg_str value = take_line(&text);
        number++;
        if (value.length == 0 || value.at[0] == '#') {
            continue;
        }
        struct tg_str kind = take_word(&value);
        const char *fault = find_fault(kind, value);
        if (fault) {
            return tg_errmsg_set(msg, TG_ERR_SYNTAX, "%s:%u: %s", path, number, fault);
        }
        if (++count > TG_REVOCATIONS_MAX) {
            return tg_errmsg_set(msg, TG_ERR_FULL, "%s:%u: expected at most %d revocations", path,
                                 number, TG_REVOCATIONS_MAX);
        }
        tg_buf_add_str(out, kind);
        tg_buf_add_char(out, ' ');
        tg_buf_add_str(out, value);
        tg_buf_add_char(out, '\n');
    }
    return out->err ? tg_errmsg_set(msg, out->err, "%s: %s", path, tg_err_text(out->err)) : TG_OK;
}
