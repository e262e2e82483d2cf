/* SPDX-License-Identifier: MIT */
/* Tokens of tests, all of them good for auth.keys[1].secret=FAKE_SECRET but where the name says
 * otherwise: named_tokens.def as texts. */
#ifndef TG_TEST_FAKE_TOKENS_H
#define TG_TEST_FAKE_TOKENS_H

#define FAKE_SECRET "0123456789abcdef0123456789abcdef"

#define NAMED_TOKEN(name, text) extern const char fake_token_##name[];
#include "named_tokens.def"
#undef NAMED_TOKEN

/* "Authorization: Bearer TOKEN", valid until the next call. */
const char *fake_token_header(const char *token);

/* {"event":"auth","id":ID,"data":{"token":"TOKEN"}}, without id when NULL; valid until the next
 * call. */
const char *fake_token_message(const char *token, const char *id);

#endif
