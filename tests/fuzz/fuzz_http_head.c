/* SPDX-License-Identifier: MIT */
/* A request head, whole and octet by octet, then the upgrade over it and the answer to that. */
#include "target.h"

#include "base/check.h"
#include "base/err.h"
#include "net/http_answer.h"
#include "net/http_head.h"
#include "net/ws_upgrade.h"

enum { FIELDS_MAX = 16 };

static const struct tg_http_head_limits LIMITS = {.bytes = 2048, .fields = FIELDS_MAX};

static bool is_inside(struct tg_str part, struct tg_str whole)
{
    return part.length == 0 ||
           (part.at >= whole.at && part.at + part.length <= whole.at + whole.length);
}

static bool has_control_octet(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t octet = (uint8_t)text.at[i];
        if ((octet < 0x20 && octet != '\t') || octet == 0x7f) {
            return true;
        }
    }
    return false;
}

static void check_parts(const struct tg_http_head *head, struct tg_str octets, struct tg_str target,
                        const struct tg_header *headers)
{
    struct tg_str whole = tg_str(octets.at, head->length);

    tg_require(head->fields <= FIELDS_MAX && head->length <= LIMITS.bytes);
    tg_require(is_inside(target, whole) && target.length > 0 && target.at[0] == '/');
    tg_require(!has_control_octet(target) && target.length <= TG_HTTP_TARGET_MAX);
    for (uint32_t i = 0; i < head->fields; i++) {
        tg_require(headers[i].name.length > 0 && is_inside(headers[i].name, whole));
        tg_require(is_inside(headers[i].value, whole));
        tg_require(!has_control_octet(headers[i].name) && !has_control_octet(headers[i].value));
    }
}

static void upgrade(const struct tg_http_head *head, struct tg_str octets)
{
    struct tg_header headers[FIELDS_MAX];
    struct tg_ws_upgrade upgrade;
    struct tg_str target;
    char accepted[TG_WS_UPGRADE_ANSWER_MAX];
    char refused[TG_HTTP_ANSWER_MAX];
    size_t length = 0;

    tg_http_head_read(head, octets, &target, headers);
    check_parts(head, octets, target, headers);
    enum tg_refusal refusal = tg_ws_upgrade_read(target, headers, head->fields, &upgrade);
    if (refusal != TG_REFUSAL_NONE) {
        tg_require(tg_http_answer_write(refusal, 0, 0, refused) > 0);
        return;
    }
    tg_require(upgrade.request.path.length > 0 && upgrade.request.path.at[0] == '/');
    int err = tg_ws_upgrade_answer(upgrade.key, tg_str(NULL, 0), accepted, &length);
    tg_require(err == TG_OK && length < TG_WS_UPGRADE_ANSWER_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_str octets = tg_str((const char *)input, length);
    struct tg_http_head whole = {0};
    struct tg_http_head single = {0};
    enum tg_http_head_result result = tg_http_head_scan(&whole, octets, &LIMITS);
    enum tg_http_head_result again = TG_HTTP_HEAD_INCOMPLETE;

    for (size_t shown = 1; shown <= length && again == TG_HTTP_HEAD_INCOMPLETE; shown++) {
        again = tg_http_head_scan(&single, tg_str(octets.at, shown), &LIMITS);
    }
    tg_require(again == result && single.length == whole.length && single.fields == whole.fields);
    tg_require(result != TG_HTTP_HEAD_REFUSED || single.refusal == whole.refusal);
    if (result == TG_HTTP_HEAD_COMPLETE) {
        upgrade(&whole, octets);
    }
    return 0;
}
