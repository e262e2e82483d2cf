/* SPDX-License-Identifier: MIT */
#include "fake_kit.h"

#include <stdlib.h>

#include "kit/reception.h"

const char fake_kit_head[] = "GET /chat HTTP/1.1\r\n"
                             "Host: kit.test\r\n"
                             "Upgrade: websocket\r\n"
                             "Connection: Upgrade\r\n"
                             "Sec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
static const char SAY[] = "{\"event\":\"message::send\",\"data\":{\"text\":\"hi\"},\"id\":1}";

struct tg_app *fake_kit_start(struct tg_errmsg *msg)
{
    struct tg_app_options options = {.seed = 7, .wall_ms = 1767225600000};
    struct tg_app *app = tg_app_create();

    if (app && (tg_app_set(app, "workers", TG_STR("2"), msg) != TG_OK ||
                tg_app_start(app, &options, msg) != TG_OK ||
                tg_app_load(app, TG_SOURCE_DIR "/gateways/chat", msg) != TG_OK)) {
        tg_app_destroy(app);
        return NULL;
    }
    return app;
}

struct tg_conn *fake_kit_connect(struct tg_app *app, uint32_t slot)
{
    struct tg_reception request = {tg_str_of(fake_kit_head), TG_STR("192.0.2.1"), slot, false,
                                   false};
    struct tg_reception_result result;

    if (tg_reception_receive(app, &request, &result) != TG_OK) {
        return NULL;
    }
    return result.line;
}

void fake_kit_say(struct tg_conn *line)
{
    if (tg_far_end_write(&line->far, TG_OPCODE_TEXT, tg_str_of(SAY)) == TG_OK) {
        tg_line_wrote(line);
    }
}

uint32_t fake_kit_texts(struct tg_conn *line)
{
    struct tg_far_frame *frame;
    uint32_t texts = 0;

    while ((frame = tg_far_end_take(&line->far))) {
        texts += frame->opcode == TG_OPCODE_TEXT ? 1 : 0;
        free(frame);
    }
    return texts;
}
