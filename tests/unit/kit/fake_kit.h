/* SPDX-License-Identifier: MIT */
/* The shipped chat on two simulated workers, and clients of it. */
#ifndef TG_TEST_FAKE_KIT_H
#define TG_TEST_FAKE_KIT_H

#include "kit/app.h"

/* A request head for /chat. */
extern const char fake_kit_head[];

/* NULL with a message when memory is short. */
struct tg_app *fake_kit_start(struct tg_errmsg *msg);

/* NULL when it was refused or memory is short. */
struct tg_conn *fake_kit_connect(struct tg_app *app, uint32_t slot);

/* Writes a request to say hi in the lobby; nobody reads it yet. */
void fake_kit_say(struct tg_conn *line);

/* Takes all frames off the far end; gives how many were texts. */
uint32_t fake_kit_texts(struct tg_conn *line);

#endif
