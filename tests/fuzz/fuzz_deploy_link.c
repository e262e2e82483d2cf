/* SPDX-License-Identifier: MIT */
/* Any octets as a message between deployer and supervisor: what is read is within its bounds, can
 * be written, and is read as the same again. */
#include "target.h"

#include <string.h>

#include "base/check.h"
#include "core/deploy_link.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_deploy_note note = {.sequence = 99};
    struct tg_deploy_note again;
    char octets[TG_DEPLOY_LINK_BYTES];
    int err = tg_deploy_link_read(tg_str((const char *)input, length), &note);

    if (err) {
        tg_require(err == TG_ERR_SYNTAX && note.sequence == 99);
        return 0;
    }
    tg_require(memchr(note.name, '\0', sizeof(note.name)) != NULL);
    tg_require(memchr(note.generation, '\0', sizeof(note.generation)) != NULL);
    tg_require(memchr(note.text, '\0', sizeof(note.text)) != NULL);
    size_t written = tg_deploy_link_write(&note, octets);
    tg_require(written == length);
    tg_require(note.kind == TG_DEPLOY_FAULT || memcmp(octets, input, length) == 0);
    tg_require(tg_deploy_link_read(tg_str(octets, written), &again) == TG_OK);
    tg_require(note.kind == again.kind && note.sequence == again.sequence);
    tg_require(strcmp(note.name, again.name) == 0 && strcmp(note.text, again.text) == 0);
    tg_require(strcmp(note.fault.text, again.fault.text) == 0);
    return 0;
}
