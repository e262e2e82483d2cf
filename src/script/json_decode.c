/* SPDX-License-Identifier: MIT */
/* The text was scanned before: brackets pair, strings end, escapes are whole. So only numbers look
 * where the text ends, and only blanks at its start. Recursion ends at the scanner's depth limit;
 * what needs room on the C stack stands in functions of its own, beside the recursion. */
#include "script/json_decode.h"

#include <endian.h>
#include <float.h>
#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "hub/json_scan.h"
#include "hub/json_text.h"
#include "script/json_names.h"
#include "script/stop.h"

enum {
    LEVEL_SLOTS = 2, /* table and key */
    VALUE_SLOTS = 3, /* a value, and what marking or undoing its escapes takes */
    FREE_LEVELS = ((int)TG_JSON_PUSH_SLOTS - VALUE_SLOTS) / LEVEL_SLOTS,
    OBJECT_GUESS = 4,    /* members that an object is made for */
    SCRATCH_BYTES = 256, /* longer strings with escapes get theirs from Lua */
    PIECE_BYTES = 65536, /* of a long string from one look at the flag to the next */
    LITERAL_BYTES = 64,  /* longer numbers likewise */
    EXPONENT_FAR = 9999, /* past any double's range, whatever the digits */
    DIGITS_EXACT = 15,   /* of an integer: a double holds them all */
    POWERS = 23          /* 10^0 .. 10^22 are doubles without rounding */
};

/* Each octet of each event's data comes by here. */
#define TG_INLINE static inline __attribute__((always_inline))

static const uint64_t MANTISSA_ROOM = UINT64_C(1000000000000000000); /* below it a digit fits */
static const uint64_t MANTISSA_EXACT = UINT64_C(1) << 53;

struct reader {
    lua_State *L;
    const char *end;             /* of the text */
    const struct tg_vm *vm;      /* whose call may be stopped; NULL: none */
    int level;                   /* tables that the current value is in */
    struct tg_json_names *names; /* NULL: none */
};

static const char *push_object(struct reader *reader, const char *at);
static const char *push_array(struct reader *reader, const char *at);

static void poll(const struct reader *reader)
{
    if (reader->vm && tg_stop_is_set(reader->vm)) {
        tg_stop_raise(reader->L);
    }
}

/* A table begins. */
TG_INLINE void enter(struct reader *reader)
{
    poll(reader);
    if (++reader->level > FREE_LEVELS && !lua_checkstack(reader->L, LEVEL_SLOTS + VALUE_SLOTS)) {
        luaL_error(reader->L, "no room on the stack for this JSON");
    }
}

static inline const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (uint8_t)*at <= ' ') {
        at++;
    }
    return at;
}

/* The lowest top bit is that of the first octet of the word that is a quote or a backslash. */
TG_INLINE uint64_t stop_marks(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = word ^ ones * '"';
    uint64_t backslash = word ^ ones * '\\';

    return (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) & ones * 0x80;
}

/* The first quote or backslash from at on, or end. */
TG_INLINE const char *string_stop(const char *at, const char *end)
{
    uint64_t marks;

    while (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, sizeof(word));
        marks = stop_marks(le64toh(word));
        if (marks) {
            return at + (__builtin_ctzll(marks) >> 3);
        }
        at += 8;
    }
    marks = at < end ? stop_marks(tg_json_text_load(at, (size_t)(end - at))) : 0;
    return marks ? at + (__builtin_ctzll(marks) >> 3) : end;
}

/* Whether the escape is that of a low surrogate, which is undone with the one before. */
static bool is_second_half(const char *at)
{
    return at[1] == 'u' && (at[2] | 0x20) == 'd' && (at[3] | 0x20) >= 'c';
}

/* Undoes the escapes piece by piece, cut in front of an escape. A quote follows the inside. */
static size_t unescape_long(struct reader *reader, struct tg_str inside, char *out)
{
    const char *end = inside.at + inside.length;
    const char *from = inside.at;
    size_t length = 0;

    for (const char *at = from; from < end; at += 2) {
        at = string_stop(at, end);
        if (at == end || (at - from >= PIECE_BYTES && !is_second_half(at))) {
            length += (size_t)tg_json_unescape(tg_str(from, (size_t)(at - from)), out + length,
                                               inside.length - length);
            from = at;
            poll(reader);
        }
    }
    return length;
}

/* Pushes the string whose inside has escapes. */
__attribute__((noinline)) static void push_unescaped(struct reader *reader, struct tg_str inside)
{
    lua_State *L = reader->L;
    char scratch[SCRATCH_BYTES];

    if (inside.length <= sizeof(scratch)) {
        int length = tg_json_unescape(inside, scratch, sizeof(scratch));
        lua_pushlstring(L, scratch, (size_t)length);
        return;
    }
    char *room = lua_newuserdata(L, inside.length);
    lua_pushlstring(L, room, unescape_long(reader, inside, room));
    lua_remove(L, -2);
}

/* The string has an escape at at. */
__attribute__((noinline)) static const char *push_escaped(struct reader *reader, const char *inside,
                                                          const char *at)
{
    const char *end = reader->end;
    unsigned escapes = 0;

    while (*at == '\\') {
        if (++escapes % TG_STOP_STEPS == 0) {
            poll(reader);
        }
        at = string_stop(at + 2, end);
    }
    push_unescaped(reader, tg_str(inside, (size_t)(at - inside)));
    return at + 1;
}

/* After the opening quote; gives what follows the closing one. */
TG_INLINE const char *push_string(struct reader *reader, const char *inside)
{
    const char *at = string_stop(inside, reader->end);

    if (*at != '"') {
        return push_escaped(reader, inside, at);
    }
    lua_pushlstring(reader->L, inside, (size_t)(at - inside));
    return at + 1;
}

/* The same for a member's name. */
TG_INLINE const char *push_name(struct reader *reader, const char *inside)
{
    const char *at = string_stop(inside, reader->end);

    if (*at != '"') {
        return push_escaped(reader, inside, at);
    }
    tg_json_names_push(reader->names, reader->L, inside, (size_t)(at - inside));
    return at + 1;
}

/* A number by the C library, which wants its text terminated. The program never leaves the C
 * locale, so the point is a point. */
__attribute__((noinline)) static void push_by_strtod(lua_State *L, struct tg_str literal)
{
    char text[LITERAL_BYTES];
    char *copy = text;

    if (literal.length >= sizeof(text)) {
        copy = lua_newuserdata(L, literal.length + 1);
    }
    memcpy(copy, literal.at, literal.length);
    copy[literal.length] = '\0';
    double value = strtod(copy, NULL);
    if (isinf(value)) {
        /* The scanner lets only what is within an ulp of the largest double come here. */
        value = copysign(DBL_MAX, value);
    }
    if (copy != text) {
        lua_pop(L, 1);
    }
    lua_pushnumber(L, value);
}

/* A number's parts: (-) mantissa * 10^exponent. */
struct decimal {
    uint64_t mantissa;
    int32_t exponent;
    bool is_negative;
    bool is_cut; /* more digits than the mantissa takes */
};

/* Reads digits into the mantissa; gives what follows them. */
static const char *read_digits(const char *at, const char *end, struct decimal *decimal)
{
    while (at < end && (unsigned char)(*at - '0') < 10) {
        if (decimal->mantissa >= MANTISSA_ROOM) {
            decimal->is_cut = true;
        } else {
            decimal->mantissa = decimal->mantissa * 10 + (uint64_t)(*at - '0');
        }
        at++;
    }
    return at;
}

/* After the 'e'; gives what follows the exponent. */
static const char *read_exponent(const char *at, const char *end, struct decimal *decimal)
{
    bool is_negative = *at == '-';
    int32_t exponent = 0;

    at += *at == '-' || *at == '+';
    while (at < end && (unsigned char)(*at - '0') < 10) {
        exponent = exponent < EXPONENT_FAR ? exponent * 10 + (*at - '0') : EXPONENT_FAR;
        at++;
    }
    decimal->exponent += is_negative ? -exponent : exponent;
    return at;
}

/* The value when one correctly rounded operation gives it: an integer's conversion, or a product or
 * quotient of exact operands (Clinger, "How to read floating point numbers accurately", 1990). */
static bool decimal_value(const struct decimal *decimal, double *value)
{
    static const double power[POWERS] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                         1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                         1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int32_t exponent = decimal->exponent;

    if (decimal->is_cut || exponent >= POWERS || exponent <= -POWERS ||
        (decimal->mantissa > MANTISSA_EXACT && exponent != 0)) {
        return false;
    }
    double mantissa = (double)decimal->mantissa;
    double magnitude = exponent < 0 ? mantissa / power[-exponent] : mantissa * power[exponent];
    *value = decimal->is_negative ? -magnitude : magnitude;
    return true;
}

__attribute__((noinline)) static const char *push_any_number(lua_State *L, const char *at,
                                                             const char *end)
{
    const char *start = at;
    struct decimal decimal = {.is_negative = *at == '-'};
    double value;

    at = read_digits(at + decimal.is_negative, end, &decimal);
    if (at < end && *at == '.') {
        const char *fraction = at + 1;
        at = read_digits(fraction, end, &decimal);
        /* A fraction too long for the exponent's type is too long for the mantissa as well, or
         * has that many leading zeros: both are strtod's. */
        decimal.is_cut |= at - fraction > EXPONENT_FAR;
        decimal.exponent = decimal.is_cut ? 0 : (int32_t)(fraction - at);
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at = read_exponent(at + 1, end, &decimal);
    }
    if (decimal_value(&decimal, &value)) {
        lua_pushnumber(L, value);
    } else {
        push_by_strtod(L, tg_str(start, (size_t)(at - start)));
    }
    return at;
}

/* Mostly it is a short integer without a sign. */
TG_INLINE const char *push_number(lua_State *L, const char *start, const char *end)
{
    const char *at = start;
    uint64_t value = 0;

    if (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, sizeof(word));
        word = le64toh(word);
        if (tg_json_text_are_digits(word)) {
            value = tg_json_text_number(word);
            at += 8;
        }
    }
    while (at < end && (unsigned char)(*at - '0') < 10) {
        value = value * 10 + (uint64_t)(*at++ - '0');
    }
    size_t digits = (size_t)(at - start);
    if (digits == 0 || digits > DIGITS_EXACT || (at < end && (*at == '.' || (*at | 0x20) == 'e'))) {
        return push_any_number(L, start, end);
    }
    lua_pushnumber(L, (double)(int64_t)value);
    return at;
}

/* Behind a name or value within an object or array, whose end is still to come: nothing has to look
 * for that of the text. */
TG_INLINE const char *skip_inner_blanks(const char *at)
{
    while ((uint8_t)*at <= ' ') {
        at++;
    }
    return at;
}

TG_INLINE const char *push_value(struct reader *reader, const char *at)
{
    lua_State *L = reader->L;

    switch (*at) {
    case '"':
        return push_string(reader, at + 1);
    case '{':
        return push_object(reader, at + 1);
    case '[':
        return push_array(reader, at + 1);
    case 't':
        lua_pushboolean(L, true);
        return at + strlen("true");
    case 'f':
        lua_pushboolean(L, false);
        return at + strlen("false");
    case 'n':
        lua_pushlightuserdata(L, NULL);
        return at + strlen("null");
    default:
        return push_number(L, at, reader->end);
    }
}

/* After the '{'. */
static const char *push_object(struct reader *reader, const char *at)
{
    lua_State *L = reader->L;

    enter(reader);
    at = skip_inner_blanks(at);
    if (*at == '}') {
        lua_createtable(L, 0, 0);
        reader->level--;
        return at + 1;
    }
    lua_createtable(L, 0, OBJECT_GUESS);
    for (;;) {
        at = skip_inner_blanks(push_name(reader, at + 1));
        at = push_value(reader, skip_inner_blanks(at + 1));
        lua_rawset(L, -3);
        at = skip_inner_blanks(at);
        if (*at == '}') {
            reader->level--;
            return at + 1;
        }
        at = skip_inner_blanks(at + 1);
    }
}

/* How many elements an array has for sure: those before its end or its first string, array or
 * object. No octet is looked at by two of these, so all of them together take linear time. */
static int count_elements(const char *at, const char *end)
{
    int count = 1;

    while (at < end && *at != ']' && *at != '"' && *at != '[' && *at != '{') {
        count += *at++ == ',';
    }
    return count;
}

/* After the '['. */
static const char *push_array(struct reader *reader, const char *at)
{
    lua_State *L = reader->L;

    enter(reader);
    at = skip_inner_blanks(at);
    if (*at == ']') {
        lua_createtable(L, 0, 0);
        tg_json_mark_array(L, -1);
        reader->level--;
        return at + 1;
    }
    lua_createtable(L, count_elements(at, reader->end), 0);
    for (int i = 1;; i++) {
        at = push_value(reader, at);
        lua_rawseti(L, -2, i);
        at = skip_inner_blanks(at);
        if (*at == ']') {
            reader->level--;
            return at + 1;
        }
        at = skip_inner_blanks(at + 1);
    }
}

static int push(struct reader *reader, struct tg_str text)
{
    if (text.length == 0) {
        return TG_ERR_SYNTAX;
    }
    reader->end = text.at + text.length;
    const char *at = skip_blanks(text.at, reader->end);
    if (at == reader->end) {
        return TG_ERR_SYNTAX;
    }
    push_value(reader, at);
    return TG_OK;
}

int tg_json_push(lua_State *L, struct tg_str text)
{
    struct reader reader = {.L = L};

    return push(&reader, text);
}

int tg_json_push_stoppable(const struct tg_vm *vm, lua_State *L, struct tg_str text,
                           struct tg_json_names *names)
{
    struct reader reader = {.L = L, .vm = vm, .names = names};

    return push(&reader, text);
}

int tg_json_decode(lua_State *L, struct tg_str text)
{
    struct tg_str value;
    int err = tg_json_scan(text, &tg_json_default_limits, &value);

    return err ? err : tg_json_push(L, value);
}
