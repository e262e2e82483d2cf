/* SPDX-License-Identifier: MIT */
#include "core/mail.h"

#include <stdlib.h>

enum { LENGTH_OCTETS = 4 };

int tg_mail_create(struct tg_mail **mail, uint8_t kind, struct tg_str body, struct tg_frame *frame)
{
    size_t payload = frame ? tg_frame_payload_length(frame) : 0;

    if (body.length > TG_MAIL_MAX - TG_MAIL_HEAD ||
        payload > TG_MAIL_MAX - TG_MAIL_HEAD - body.length) {
        return TG_ERR_TOO_LARGE;
    }
    struct tg_mail *made = malloc(sizeof(*made) + TG_MAIL_HEAD + body.length);
    if (!made) {
        return TG_ERR_NOMEM;
    }
    uint32_t rest = (uint32_t)(1 + body.length + payload);
    made->refs = 1;
    made->length = LENGTH_OCTETS + rest;
    made->head_length = (uint32_t)(TG_MAIL_HEAD + body.length);
    made->frame = frame ? tg_frame_ref(frame) : NULL;
    for (int i = 0; i < LENGTH_OCTETS; i++) {
        made->head[i] = (uint8_t)(rest >> 8 * i);
    }
    made->head[LENGTH_OCTETS] = kind;
    if (body.length > 0) {
        memcpy(made->head + TG_MAIL_HEAD, body.at, body.length);
    }
    *mail = made;
    return TG_OK;
}

struct tg_mail *tg_mail_ref(struct tg_mail *mail)
{
    mail->refs++;
    return mail;
}

void tg_mail_unref(struct tg_mail *mail)
{
    if (mail && --mail->refs == 0) {
        tg_frame_unref(mail->frame);
        free(mail);
    }
}

bool tg_mail_is_control(const struct tg_mail *mail)
{
    return (mail->head[LENGTH_OCTETS] & TG_MAIL_KIND_CONTROL) != 0;
}

int tg_mail_read(struct tg_str octets, struct tg_mail_view *view)
{
    const uint8_t *at = (const uint8_t *)octets.at;
    uint32_t rest = 0;

    *view = (struct tg_mail_view){.length = TG_MAIL_HEAD};
    if (octets.length < LENGTH_OCTETS) {
        return TG_ERR_INCOMPLETE;
    }
    for (int i = 0; i < LENGTH_OCTETS; i++) {
        rest |= (uint32_t)at[i] << 8 * i;
    }
    if (rest == 0) {
        return TG_ERR_SYNTAX;
    }
    if (rest > TG_MAIL_MAX - LENGTH_OCTETS) {
        return TG_ERR_TOO_LARGE;
    }
    view->length = LENGTH_OCTETS + (size_t)rest;
    if (octets.length < view->length) {
        return TG_ERR_INCOMPLETE;
    }
    view->kind = at[LENGTH_OCTETS];
    view->body = tg_str(octets.at + TG_MAIL_HEAD, view->length - TG_MAIL_HEAD);
    return TG_OK;
}
