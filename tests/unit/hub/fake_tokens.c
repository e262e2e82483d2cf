/* SPDX-License-Identifier: MIT */
#include "fake_tokens.h"

#include <stdio.h>

#define NAMED_TOKEN(name, text) const char fake_token_##name[] = text;
#include "named_tokens.def"
#undef NAMED_TOKEN

const char *fake_token_header(const char *token)
{
    static char header[1024];

    (void)snprintf(header, sizeof(header), "Authorization: Bearer %s", token);
    return header;
}

const char *fake_token_message(const char *token, const char *id)
{
    static char message[1024];

    (void)snprintf(message, sizeof(message), "{\"event\":\"auth\"%s%s,\"data\":{\"token\":\"%s\"}}",
                   id ? ",\"id\":" : "", id ? id : "", token);
    return message;
}
