/* SPDX-License-Identifier: MIT */
/* Any octets: the scanner's verdict, and what must hold of a text that it accepts. */
#include "target.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/err.h"
#include "hub/json_scan.h"
#include "hub/json_text.h"

/* A scanned string, quotes off: unescaped it is UTF-8, and escaped again it is the same text. */
static void check_string(struct tg_str inside)
{
    char *plain = malloc(inside.length + 1);

    tg_require(plain);
    int length = tg_json_unescape(inside, plain, inside.length);
    tg_require(length >= 0 && (size_t)length <= inside.length);
    struct tg_str text = tg_str(plain, (size_t)length);
    tg_require(tg_json_text_is_utf8(text));
    if (length > 0) {
        tg_require(tg_json_unescape(inside, plain, (size_t)length - 1) == TG_ERR_TOO_LARGE);
        tg_require(tg_json_unescape(inside, plain, (size_t)length) == length);
    }

    size_t escaped_length = tg_json_text_escaped_length(text);
    char *escaped = malloc(escaped_length + 1);
    char *again = malloc(escaped_length + 1);
    tg_require(escaped && again);
    tg_require(tg_json_text_escape(text, escaped) == escaped + escaped_length);
    int again_length = tg_json_unescape(tg_str(escaped, escaped_length), again, escaped_length);
    tg_require(again_length == length);
    tg_require(tg_str_is(tg_str(again, (size_t)again_length), text));
    free(again);
    free(escaped);
    free(plain);
}

/* The members, and what a walk says of the same text. */
static void check_object(struct tg_str object)
{
    struct tg_json_walk walk;
    struct tg_json_member member;
    struct tg_json_member walked;
    struct tg_str value;
    size_t cursor = 0;

    tg_require(tg_json_walk_start(&walk, object, &tg_json_default_limits) == TG_OK);
    while (tg_json_next_member(object, &cursor, &member)) {
        tg_require(tg_json_walk_next(&walk, &walked) == 1);
        tg_require(walked.name.at == member.name.at && walked.value.at == member.value.at);
        tg_require(tg_str_is(walked.value, member.value));
        tg_require(tg_json_scan(member.value, &tg_json_default_limits, &value) == TG_OK);
        tg_require(value.at == member.value.at && value.length == member.value.length);
        check_string(member.name);
        if (value.at[0] == '"') {
            check_string(tg_str(value.at + 1, value.length - 2));
        }
    }
    tg_require(tg_json_walk_next(&walk, &walked) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    const struct tg_json_limits narrow = {3, 10, NULL};
    struct tg_str text = tg_str((const char *)input, length);
    struct tg_str value;
    struct tg_str again;
    int err = tg_json_scan(text, &tg_json_default_limits, &value);

    tg_require(err == TG_OK || err == TG_ERR_SYNTAX || err == TG_ERR_TOO_DEEP);
    int narrow_err = tg_json_scan(text, &narrow, &again);
    tg_require(narrow_err == err || narrow_err == TG_ERR_TOO_DEEP);
    if (err) {
        return 0;
    }
    tg_require(value.length > 0 && value.at >= text.at &&
               value.at + value.length <= text.at + text.length);
    tg_require(tg_json_text_is_utf8(value));
    tg_require(tg_json_scan(value, &tg_json_default_limits, &again) == TG_OK);
    tg_require(again.at == value.at && again.length == value.length);
    if (value.at[0] == '{') {
        check_object(value);
    } else if (value.at[0] == '"') {
        check_string(tg_str(value.at + 1, value.length - 2));
    }
    return 0;
}
