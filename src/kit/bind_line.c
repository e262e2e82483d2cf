/* SPDX-License-Identifier: MIT */
#include "kit/bind_line.h"

#include <stdlib.h>

#include <lauxlib.h>

#include "kit/app.h"
#include "kit/reception.h"

/* --- results --- */

static void set_text(lua_State *L, const char *key, struct tg_str value)
{
    lua_pushlstring(L, value.at ? value.at : "", value.length);
    lua_setfield(L, -2, key);
}

static void set_number(lua_State *L, const char *key, lua_Number value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, key);
}

static void set_bool(lua_State *L, const char *key, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, key);
}

/* --- connecting --- */

/* connect(head, address, worker, is_silent, is_secure): the HTTP answer and, when it is a 101, the
 * line's number; or nil and why. */
static int line_connect(lua_State *L)
{
    struct tg_app *app = tg_handle_app(L);
    struct tg_reception request = {
        .head = tg_handle_text(L, 2),
        .address = tg_handle_text(L, 3),
        .slot = tg_handle_slot(L, 4),
        .is_silent = lua_toboolean(L, 5),
        .is_secure = lua_toboolean(L, 6),
    };
    struct tg_reception_result result;
    int err = tg_reception_receive(app, &request, &result);

    if (err) {
        return tg_handle_result(L, err);
    }
    lua_pushlstring(L, result.answer, result.answer_length);
    if (!result.line) {
        return 1;
    }
    lua_pushnumber(L, result.line->number);
    return 2;
}

/* --- what its client does --- */

static int tell_wrote(lua_State *L, struct tg_conn *line, int err)
{
    if (!err) {
        tg_line_wrote(line);
    }
    return tg_handle_result(L, err);
}

/* write(line, opcode, payload) */
static int line_write(lua_State *L)
{
    struct tg_conn *line = tg_handle_line(L);
    enum tg_opcode opcode = (enum tg_opcode)luaL_checkinteger(L, 3);

    return tell_wrote(L, line, tg_far_end_write(&line->far, opcode, tg_handle_text(L, 4)));
}

static int line_write_raw(lua_State *L)
{
    struct tg_conn *line = tg_handle_line(L);

    return tell_wrote(L, line, tg_far_end_write_raw(&line->far, tg_handle_text(L, 3)));
}

/* write_close(line, code, reason) */
static int line_write_close(lua_State *L)
{
    struct tg_conn *line = tg_handle_line(L);
    int code = (int)luaL_checkinteger(L, 3);

    luaL_argcheck(L, code >= 0 && code <= UINT16_MAX, 3, "no close code");
    return tell_wrote(L, line, tg_far_end_write_close(&line->far, code, tg_handle_text(L, 4)));
}

static int line_stall(lua_State *L)
{
    struct tg_conn *line = tg_handle_line(L);

    tg_line_stall(line, lua_toboolean(L, 3));
    return 0;
}

static int line_cut(lua_State *L)
{
    struct tg_conn *line = tg_handle_line(L);

    tg_app_enter(tg_handle_app(L));
    tg_line_cut(line);
    return 0;
}

static int line_fill(lua_State *L)
{
    return tg_handle_result(L, tg_line_fill(tg_handle_line(L)));
}

/* --- what its client sees --- */

static const char *opcode_name(enum tg_opcode opcode)
{
    switch (opcode) {
    case TG_OPCODE_TEXT:
        return "text";
    case TG_OPCODE_BINARY:
        return "binary";
    case TG_OPCODE_CLOSE:
        return "close";
    case TG_OPCODE_PING:
        return "ping";
    case TG_OPCODE_PONG:
        return "pong";
    case TG_OPCODE_CONTINUATION:
        break;
    }
    return "other";
}

/* take(line): kind, payload and time of the oldest frame; nothing when there is none. The frame is
 * read where it stands, so that an error that is raised here loses nothing. */
static int line_take(lua_State *L)
{
    struct tg_conn *line = tg_handle_line(L);
    struct tg_link *first = line->far.frames.next;

    if (line->far.err) {
        return luaL_error(L, "the client can't go on: %s", tg_err_text(line->far.err));
    }
    if (first == &line->far.frames) {
        return 0;
    }
    const struct tg_far_frame *frame = TG_CONTAINER(first, struct tg_far_frame, link);
    lua_pushstring(L, opcode_name(frame->opcode));
    lua_pushlstring(L, frame->octets, frame->length);
    lua_pushnumber(L, (lua_Number)frame->at_ms);
    free(tg_far_end_take(&line->far));
    return 3;
}

/* status(line): what is known of it. */
static int line_status(lua_State *L)
{
    struct tg_conn *line = tg_handle_line(L);
    bool is_ending = tg_line_is_ending(line);

    lua_newtable(L);
    set_text(L, "id", tg_str_of(line->id));
    set_number(L, "worker", line->slot + 1);
    set_bool(L, "is_ending", is_ending);
    set_bool(L, "has_ended", line->phase == TG_LINE_ENDED);
    if (line->far.has_close) {
        set_number(L, "code", line->far.close_code);
        set_text(L, "reason", tg_str_of(line->far.close_reason));
    }
    if (is_ending) {
        const char *cause =
            line->is_decided ? tg_close_reason_row(line->cause)->label : "worker_lost";
        set_text(L, "cause", tg_str_of(cause));
    }
    if (line->client) {
        set_number(L, "queued", line->client->outbox.count);
    }
    return 1;
}

const struct tg_handle_method *tg_bind_line_methods(void)
{
    static const struct tg_handle_method methods[] = {
        {"connect", line_connect},     {"write", line_write},
        {"write_raw", line_write_raw}, {"write_close", line_write_close},
        {"stall", line_stall},         {"cut", line_cut},
        {"fill", line_fill},           {"take", line_take},
        {"status", line_status},       {NULL, NULL},
    };

    return methods;
}
