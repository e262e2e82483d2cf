/* SPDX-License-Identifier: MIT */
#include "cluster/wire.h"

#include "base/buf.h"
#include "hub/client.h"
#include "hub/gateway.h"
#include "hub/tenant.h"

enum { HAS_TENANT = 1, HAS_ROOM = 2, IS_PARTIAL = 1, HAS_IDS = 2 };
enum {
    GATEWAY_MAX = 63, /* a folder's name */
    AUDIENCE_MAX = 1 + 1 + GATEWAY_MAX + 1 + (int)TG_TENANT_MAX + 1 + (int)TG_NAME_MAX,
    ANSWER_HEAD = 8 + 1 + 8,
    HEAD_MAX = 16 + AUDIENCE_MAX
};

_Static_assert((int)TG_BUS_PAYLOAD_MAX + (int)TG_MAIL_HEAD + (int)HEAD_MAX <= (int)TG_MAIL_MAX,
               "the largest publication must fit a mail");

/* --- writing: into memory that is large enough for any head --- */

struct writer {
    char *at;
    size_t length;
};

static void add_octet(struct writer *writer, uint8_t octet)
{
    writer->at[writer->length++] = (char)octet;
}

static void add_number(struct writer *writer, uint64_t number)
{
    for (int i = 0; i < 8; i++) {
        add_octet(writer, (uint8_t)(number >> 8 * i));
    }
}

static void add_text(struct writer *writer, struct tg_str text)
{
    add_octet(writer, (uint8_t)text.length);
    memcpy(writer->at + writer->length, text.at, text.length);
    writer->length += text.length;
}

static bool is_name(struct tg_str text, size_t max)
{
    return text.length > 0 && text.length <= max;
}

static bool can_be_audience(const struct tg_audience *audience)
{
    return is_name(audience->gateway, GATEWAY_MAX) &&
           (!audience->tenant.at || tg_tenant_is_id(audience->tenant)) &&
           (!audience->room.at || is_name(audience->room, TG_NAME_MAX));
}

static void add_audience(struct writer *writer, const struct tg_audience *audience)
{
    add_octet(writer, (uint8_t)((audience->tenant.at ? HAS_TENANT : 0) |
                                (audience->room.at ? HAS_ROOM : 0)));
    add_text(writer, audience->gateway);
    if (audience->tenant.at) {
        add_text(writer, audience->tenant);
    }
    if (audience->room.at) {
        add_text(writer, audience->room);
    }
}

static bool can_be_published(uint8_t opcode)
{
    return opcode == TG_OPCODE_TEXT || opcode == TG_OPCODE_BINARY;
}

int tg_wire_write_publication(const struct tg_publication *publication, struct tg_mail **mail)
{
    char head[HEAD_MAX];
    struct writer writer = {head, 0};

    if (!can_be_published(publication->frame->opcode)) {
        return TG_ERR_INVALID;
    }
    if (!can_be_audience(&publication->audience)) {
        return TG_ERR_NOT_FOUND;
    }
    add_octet(&writer, publication->frame->opcode);
    add_audience(&writer, &publication->audience);
    return tg_mail_create(mail, TG_WIRE_PUBLICATION, tg_str(head, writer.length),
                          publication->frame);
}

int tg_wire_write_question(const struct tg_wire_question *question, struct tg_mail **mail)
{
    char head[HEAD_MAX];
    struct writer writer = {head, 0};

    if (!question->audience.room.at) {
        return TG_ERR_INVALID;
    }
    if (!can_be_audience(&question->audience)) {
        return TG_ERR_NOT_FOUND;
    }
    add_number(&writer, question->id);
    add_octet(&writer, (uint8_t)question->kind);
    add_audience(&writer, &question->audience);
    return tg_mail_create(mail, TG_WIRE_QUESTION, tg_str(head, writer.length), NULL);
}

int tg_wire_write_answer(const struct tg_wire_answer *answer, struct tg_mail **mail)
{
    char head[ANSWER_HEAD];
    struct writer writer = {head, 0};
    struct tg_str ids = answer->has_ids ? answer->answers.ids : tg_str(NULL, 0);
    struct tg_buf body;

    add_number(&writer, answer->id);
    add_octet(&writer, (uint8_t)((answer->answers.is_partial ? IS_PARTIAL : 0) |
                                 (answer->has_ids ? HAS_IDS : 0)));
    add_number(&writer, answer->answers.count);
    tg_buf_init(&body, TG_MAIL_MAX);
    (void)tg_buf_reserve(&body, writer.length + ids.length);
    tg_buf_add(&body, head, writer.length);
    tg_buf_add_str(&body, ids);
    int err = body.err;
    if (err == TG_OK) {
        err = tg_mail_create(mail, answer->has_ids ? TG_WIRE_ROLL : TG_WIRE_ANSWER,
                             tg_buf_str(&body), NULL);
    }
    tg_buf_fini(&body);
    return err;
}

/* --- reading: past the end everything is zero, and is_short tells --- */

struct reader {
    struct tg_str rest;
    bool is_short;
};

static struct tg_str take(struct reader *reader, size_t length)
{
    struct tg_str taken = tg_str(reader->rest.at, length);

    if (reader->rest.length < length) {
        reader->is_short = true;
        return tg_str(NULL, 0);
    }
    reader->rest = tg_str(reader->rest.at + length, reader->rest.length - length);
    return taken;
}

static uint8_t take_octet(struct reader *reader)
{
    struct tg_str octet = take(reader, 1);

    return octet.length ? (uint8_t)octet.at[0] : 0;
}

static uint64_t take_number(struct reader *reader)
{
    struct tg_str octets = take(reader, 8);
    uint64_t number = 0;

    for (size_t i = octets.length; i > 0; i--) {
        number = number << 8 | (uint8_t)octets.at[i - 1];
    }
    return number;
}

static struct tg_str take_text(struct reader *reader)
{
    return take(reader, take_octet(reader));
}

static bool take_audience(struct reader *reader, struct tg_audience *audience)
{
    uint8_t flags = take_octet(reader);

    audience->gateway = take_text(reader);
    if (flags & HAS_TENANT) {
        audience->tenant = take_text(reader);
    }
    if (flags & HAS_ROOM) {
        audience->room = take_text(reader);
    }
    return !reader->is_short && (flags & ~(HAS_TENANT | HAS_ROOM)) == 0 &&
           can_be_audience(audience);
}

int tg_wire_read_publication(struct tg_str body, struct tg_wire_publication *publication)
{
    struct reader reader = {body, false};

    *publication = (struct tg_wire_publication){0};
    uint8_t opcode = take_octet(&reader);
    if (!take_audience(&reader, &publication->audience) || !can_be_published(opcode) ||
        reader.rest.length > TG_BUS_PAYLOAD_MAX) {
        return TG_ERR_SYNTAX;
    }
    publication->opcode = opcode;
    publication->payload = reader.rest;
    return TG_OK;
}

int tg_wire_read_question(struct tg_str body, struct tg_wire_question *question)
{
    struct reader reader = {body, false};

    *question = (struct tg_wire_question){0};
    question->id = take_number(&reader);
    uint8_t kind = take_octet(&reader);
    if (!take_audience(&reader, &question->audience) || !question->audience.room.at ||
        kind > TG_QUESTION_MEMBERS || reader.rest.length > 0) {
        return TG_ERR_SYNTAX;
    }
    question->kind = kind;
    return TG_OK;
}

/* Whether the octets are that many ids. */
static bool are_ids(struct tg_str octets, uint64_t count)
{
    size_t length = 0;

    for (size_t i = 0; i < octets.length; i++) {
        if (octets.at[i] != '\0') {
            length++;
            continue;
        }
        if (length == 0 || length >= TG_CLIENT_ID_BYTES || count == 0) {
            return false;
        }
        length = 0;
        count--;
    }
    return length == 0 && count == 0;
}

int tg_wire_read_answer(struct tg_str body, bool has_ids, struct tg_wire_answer *answer)
{
    struct reader reader = {body, false};

    *answer = (struct tg_wire_answer){.has_ids = has_ids};
    answer->id = take_number(&reader);
    uint8_t flags = take_octet(&reader);
    answer->answers.count = take_number(&reader);
    answer->answers.is_partial = (flags & IS_PARTIAL) != 0;
    if (reader.is_short || (flags & ~(IS_PARTIAL | HAS_IDS)) != 0 ||
        ((flags & HAS_IDS) != 0) != has_ids) {
        return TG_ERR_SYNTAX;
    }
    if (has_ids ? !are_ids(reader.rest, answer->answers.count) : reader.rest.length > 0) {
        return TG_ERR_SYNTAX;
    }
    answer->answers.ids = reader.rest;
    return TG_OK;
}
