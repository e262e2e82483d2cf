/* SPDX-License-Identifier: MIT */
/* Any octets as what another worker wrote: mails are cut off the stream, and the body of each is
 * read as every kind. What is read must lie in the input, hold what was promised, and be written
 * again as it came. */
#include "target.h"

#include <string.h>

#include "base/check.h"
#include "base/err.h"
#include "cluster/wire.h"
#include "hub/client.h"
#include "hub/gateway.h"
#include "hub/tenant.h"

static void check_inside(struct tg_str part, struct tg_str whole)
{
    tg_require(part.length == 0 || (part.at >= whole.at && part.length <= whole.length &&
                                    part.at + part.length <= whole.at + whole.length));
}

static void check_audience(const struct tg_audience *audience, struct tg_str body)
{
    check_inside(audience->gateway, body);
    check_inside(audience->tenant, body);
    check_inside(audience->room, body);
    tg_require(audience->gateway.length > 0);
    tg_require(!audience->tenant.at || tg_tenant_is_id(audience->tenant));
    tg_require(!audience->room.at ||
               (audience->room.length > 0 && audience->room.length <= TG_NAME_MAX));
}

/* The mail, as it would be written, has this kind and body. Gives the mail back. */
static void check_written(struct tg_mail *mail, uint8_t kind, struct tg_str body)
{
    size_t payload = mail->frame ? tg_frame_payload_length(mail->frame) : 0;
    size_t own = mail->head_length - TG_MAIL_HEAD;

    tg_require(mail->length == TG_MAIL_HEAD + body.length);
    tg_require(mail->head[TG_MAIL_HEAD - 1] == kind);
    tg_require(own + payload == body.length);
    tg_require(
        tg_str_is(tg_str((const char *)mail->head + TG_MAIL_HEAD, own), tg_str(body.at, own)));
    tg_require(payload == 0 || memcmp(tg_frame_payload(mail->frame), body.at + own, payload) == 0);
    tg_mail_unref(mail);
}

static void read_as_publication(struct tg_str body)
{
    struct tg_wire_publication wire;
    struct tg_mail *mail;

    if (tg_wire_read_publication(body, &wire) != TG_OK) {
        return;
    }
    check_audience(&wire.audience, body);
    check_inside(wire.payload, body);
    struct tg_publication publication = {wire.audience, tg_frame_of(wire.opcode, wire.payload)};
    tg_require(publication.frame);
    tg_require(tg_wire_write_publication(&publication, &mail) == TG_OK);
    check_written(mail, TG_WIRE_PUBLICATION, body);
    tg_frame_unref(publication.frame);
}

static void read_as_question(struct tg_str body)
{
    struct tg_wire_question question;
    struct tg_mail *mail;

    if (tg_wire_read_question(body, &question) != TG_OK) {
        return;
    }
    check_audience(&question.audience, body);
    tg_require(question.audience.room.at);
    tg_require(tg_wire_write_question(&question, &mail) == TG_OK);
    check_written(mail, TG_WIRE_QUESTION, body);
}

static void read_as_answer(struct tg_str body, bool has_ids)
{
    struct tg_wire_answer answer;
    struct tg_mail *mail;
    uint64_t count = 0;

    if (tg_wire_read_answer(body, has_ids, &answer) != TG_OK) {
        return;
    }
    struct tg_str rest = answer.answers.ids;
    check_inside(rest, body);
    while (rest.length > 0) {
        size_t length = strnlen(rest.at, rest.length);
        tg_require(length > 0 && length < rest.length && length < TG_CLIENT_ID_BYTES);
        rest = tg_str(rest.at + length + 1, rest.length - length - 1);
        count++;
    }
    tg_require(!has_ids || count == answer.answers.count);
    tg_require(tg_wire_write_answer(&answer, &mail) == TG_OK);
    check_written(mail, has_ids ? TG_WIRE_ROLL : TG_WIRE_ANSWER, body);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_str rest = tg_str((const char *)input, length);
    struct tg_mail_view view;
    int err;

    while ((err = tg_mail_read(rest, &view)) == TG_OK) {
        tg_require(view.length == TG_MAIL_HEAD + view.body.length);
        check_inside(view.body, rest);
        read_as_publication(view.body);
        read_as_question(view.body);
        read_as_answer(view.body, false);
        read_as_answer(view.body, true);
        rest = tg_str(rest.at + view.length, rest.length - view.length);
    }
    if (err == TG_ERR_INCOMPLETE) {
        tg_require(view.length > rest.length && view.length <= TG_MAIL_MAX);
    }
    return 0;
}
