/* SPDX-License-Identifier: MIT */
#include "core/deploy_link.h"

#include <stdbool.h>
#include <string.h>

enum {
    SEQUENCE_BYTES = 8,
    GENERATION_BYTES = sizeof(((struct tg_deploy_note *)0)->generation) - 1
};

_Static_assert(1 + 2 + 63 + 2 + GENERATION_BYTES + sizeof(struct tg_fault) <= TG_DEPLOY_LINK_BYTES,
               "a message fits");

static const char name_octets[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
static const char hex_digits[] = "0123456789abcdef";

static bool is_made_of(const char *text, const char *octets)
{
    return text[0] != '\0' && text[strspn(text, octets)] == '\0';
}

/* Whether the text stays as it is when it is made clean. */
static bool is_clean(const char *text)
{
    struct tg_fault fault;

    tg_fault_set(&fault, TG_FAULT_SCAN, tg_str_of(text), 0, "%s", "");
    return strcmp(fault.file, text) == 0;
}

static bool has_generation(const struct tg_deploy_note *note)
{
    return strlen(note->generation) == GENERATION_BYTES && is_made_of(note->generation, hex_digits);
}

static bool is_note(const struct tg_deploy_note *note)
{
    switch (note->kind) {
    case TG_DEPLOY_CANDIDATE:
        return is_made_of(note->name, name_octets) && has_generation(note);
    case TG_DEPLOY_FAULT:
        return note->name[0] != '\0' && is_clean(note->name) &&
               (note->generation[0] == '\0' || has_generation(note));
    case TG_DEPLOY_GONE:
        return is_made_of(note->name, name_octets);
    case TG_DEPLOY_ROOT:
        return is_clean(note->text);
    case TG_DEPLOY_SCANNED:
    case TG_DEPLOY_SCAN:
        return true;
    }
    return false;
}

/* --- reading --- */

/* What is left of a message. Once it was too short it gives nothing more. */
struct reader {
    struct tg_str rest;
    bool is_bad;
};

static uint64_t take_number(struct reader *reader, size_t octets)
{
    uint64_t number = 0;

    if (reader->is_bad || reader->rest.length < octets) {
        reader->is_bad = true;
        return 0;
    }
    for (size_t i = 0; i < octets; i++) {
        number |= (uint64_t)(unsigned char)reader->rest.at[i] << 8 * i;
    }
    reader->rest = tg_str(reader->rest.at + octets, reader->rest.length - octets);
    return number;
}

static void take_text(struct reader *reader, char *out, size_t size)
{
    size_t length = (size_t)take_number(reader, 2);

    if (reader->is_bad || length >= size || length > reader->rest.length ||
        memchr(reader->rest.at, '\0', length)) {
        reader->is_bad = true;
        return;
    }
    memcpy(out, reader->rest.at, length);
    reader->rest = tg_str(reader->rest.at + length, reader->rest.length - length);
}

static void take_fault(struct reader *reader, struct tg_fault *fault)
{
    if (reader->is_bad || tg_fault_take(fault, reader->rest) != TG_OK) {
        reader->is_bad = true;
        return;
    }
    reader->rest.length = 0;
}

int tg_deploy_link_read(struct tg_str octets, struct tg_deploy_note *note)
{
    struct reader reader = {.rest = octets};
    struct tg_deploy_note read = {.kind = (enum tg_deploy_note_kind)take_number(&reader, 1)};

    switch (read.kind) {
    case TG_DEPLOY_CANDIDATE:
        take_text(&reader, read.name, sizeof(read.name));
        take_text(&reader, read.generation, sizeof(read.generation));
        break;
    case TG_DEPLOY_FAULT:
        take_text(&reader, read.name, sizeof(read.name));
        take_text(&reader, read.generation, sizeof(read.generation));
        take_fault(&reader, &read.fault);
        break;
    case TG_DEPLOY_GONE:
        take_text(&reader, read.name, sizeof(read.name));
        break;
    case TG_DEPLOY_ROOT:
        take_text(&reader, read.text, sizeof(read.text));
        break;
    case TG_DEPLOY_SCANNED:
    case TG_DEPLOY_SCAN:
        read.sequence = take_number(&reader, SEQUENCE_BYTES);
        break;
    }
    if (reader.is_bad || reader.rest.length > 0 || !is_note(&read)) {
        return TG_ERR_SYNTAX;
    }
    *note = read;
    return TG_OK;
}

/* --- writing --- */

static char *put_number(char *at, uint64_t number, size_t octets)
{
    for (size_t i = 0; i < octets; i++) {
        *at++ = (char)(number >> 8 * i & 0xff);
    }
    return at;
}

static char *put_text(char *at, const char *text)
{
    size_t length = strlen(text);

    at = put_number(at, length, 2);
    memcpy(at, text, length);
    return at + length;
}

size_t tg_deploy_link_write(const struct tg_deploy_note *note, char out[TG_DEPLOY_LINK_BYTES])
{
    char *at = out;

    if (!is_note(note)) {
        return 0;
    }
    at = put_number(at, note->kind, 1);
    switch (note->kind) {
    case TG_DEPLOY_CANDIDATE:
    case TG_DEPLOY_FAULT:
        at = put_text(put_text(at, note->name), note->generation);
        break;
    case TG_DEPLOY_GONE:
        at = put_text(at, note->name);
        break;
    case TG_DEPLOY_ROOT:
        at = put_text(at, note->text);
        break;
    case TG_DEPLOY_SCANNED:
    case TG_DEPLOY_SCAN:
        at = put_number(at, note->sequence, SEQUENCE_BYTES);
        break;
    }
    if (note->kind == TG_DEPLOY_FAULT) {
        memcpy(at, &note->fault, sizeof(note->fault));
        at += sizeof(note->fault);
    }
    return (size_t)(at - out);
}

/* --- the socket --- */

int tg_deploy_link_send(int control, const struct tg_deploy_note *note, int fd)
{
    char octets[TG_DEPLOY_LINK_BYTES];
    bool has_file = note->kind == TG_DEPLOY_CANDIDATE;
    size_t length = tg_deploy_link_write(note, octets);

    if (length == 0 || (has_file && fd < 0)) {
        return TG_ERR_INVALID;
    }
    return tg_fd_link_send(control, tg_str(octets, length), has_file ? fd : -1);
}

int tg_deploy_link_take(int control, struct tg_deploy_note *note, int *fd)
{
    struct tg_fd_message message;
    int err = tg_fd_link_take(control, &message);

    if (err) {
        return err;
    }
    err = tg_deploy_link_read(tg_str(message.octets, message.length), note);
    if (err || (note->kind == TG_DEPLOY_CANDIDATE) != (message.fd >= 0)) {
        tg_fd_link_drop(&message);
        return TG_ERR_SYNTAX;
    }
    *fd = message.fd;
    return TG_OK;
}
