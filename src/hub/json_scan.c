/* SPDX-License-Identifier: MIT */
/* Every step takes where it stands and where the text ends, and gives where it stands then; NULL
 * says that the text is no JSON. Nesting is a bit per open level: 1 an object, 0 an array. */
#include "hub/json_scan.h"

#include "base/err.h"
#include "hub/json_text.h"

/* Each octet of each message comes by here. */
#define TG_INLINE static inline __attribute__((always_inline))

const struct tg_json_limits tg_json_default_limits = {TG_JSON_DEPTH_MAX, TG_JSON_NODES_MAX, NULL};

static inline bool is_blank(char octet)
{
    return octet == ' ' || octet == '\n' || octet == '\r' || octet == '\t';
}

/* Mostly there is none, which the first comparison tells. */
static inline const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (unsigned char)*at <= ' ' && is_blank(*at)) {
        at++;
    }
    return at;
}

static inline bool is_digit(char octet)
{
    return octet >= '0' && octet <= '9';
}

/* The value of a hexadecimal digit, or -1. */
static int hex_value(char octet)
{
    if (is_digit(octet)) {
        return octet - '0';
    }
    octet |= 0x20;
    return octet >= 'a' && octet <= 'f' ? octet - 'a' + 10 : -1;
}

/* The unit of the four hexadecimal digits at at, or -1. */
static int32_t hex_unit(const char *at, const char *end)
{
    int32_t unit = 0;

    if (end - at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        int value = hex_value(at[i]);
        if (value < 0) {
            return -1;
        }
        unit = unit << 4 | value;
    }
    return unit;
}

static bool is_high_surrogate(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* After "\u". RFC 8259 section 8.2 leaves lone surrogates open; they have no UTF-8. */
static const char *scan_unit(const char *at, const char *end)
{
    int32_t unit = hex_unit(at, end);

    if (unit < 0 || is_low_surrogate(unit)) {
        return NULL;
    }
    at += 4;
    if (!is_high_surrogate(unit)) {
        return at;
    }
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u' || !is_low_surrogate(hex_unit(at + 2, end))) {
        return NULL;
    }
    return at + 6;
}

/* After the backslash. */
static const char *scan_escape(const char *at, const char *end)
{
    if (at == end) {
        return NULL;
    }
    switch (*at++) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return at;
    case 'u':
        return scan_unit(at, end);
    default:
        return NULL;
    }
}

enum { STOP_ESCAPES = 4096 }; /* from one look at the flag to the next: what takes longest */

/* Goes on where the first octet stands that is not plain; gives what follows the closing quote. */
__attribute__((noinline)) static const char *scan_string_rest(const char *at, const char *end,
                                                              const _Atomic bool *stop)
{
    for (uint32_t escapes = 1; at; escapes++) {
        if (stop && escapes % STOP_ESCAPES == 0 && atomic_load(stop)) {
            return NULL;
        }
        at = tg_json_text_clean_end(at, end);
        if (at == end) {
            return NULL;
        }
        if (*at == '"') {
            return at + 1;
        }
        at = *at == '\\' ? scan_escape(at + 1, end) : NULL;
    }
    return NULL;
}

/* After the opening quote; gives what follows the closing one. */
TG_INLINE const char *scan_string(const char *at, const char *end, const _Atomic bool *stop)
{
    at = tg_json_text_plain_end(at, end);
    if (at == end) {
        return NULL;
    }
    return *at == '"' ? at + 1 : scan_string_rest(at, end, stop);
}

static inline const char *skip_digits(const char *at, const char *end)
{
    if (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, sizeof(word));
        at += tg_json_text_are_digits(word) ? 8 : 0;
    }
    while (at < end && is_digit(*at)) {
        at++;
    }
    return at;
}

/* One digit or more. */
static const char *scan_digits(const char *at, const char *end)
{
    return at < end && is_digit(*at) ? skip_digits(at + 1, end) : NULL;
}

/* Digits in front of the point if the number were written without an exponent: 309 is where doubles
 * end. */
enum { DOUBLE_DIGITS = 309, EXPONENT_CAP = 1000000, PLAIN_MAX = 300 };

static int32_t read_exponent(const char *at, const char *end)
{
    bool is_negative = at < end && *at == '-';
    int32_t value = 0;

    for (at += at < end && !is_digit(*at) ? 1 : 0; at < end && value < EXPONENT_CAP; at++) {
        value = value * 10 + (*at - '0');
    }
    return is_negative ? -value : value;
}

/* Whether the digits from here, without the point, begin above those of the largest double. */
static bool is_above_largest(const char *at, const char *end)
{
    static const char largest[] = "17976931348623158";

    for (size_t i = 0; i < sizeof(largest) - 1; at++) {
        char digit = at < end && is_digit(*at) ? *at : '0';
        if (at < end && *at == '.') {
            continue;
        }
        if (digit != largest[i]) {
            return digit > largest[i];
        }
        i++;
    }
    return false;
}

/* A number that passes the range of doubles has no value a decoder could give. The literal is in
 * the grammar. */
static bool is_in_range(const char *at, const char *end)
{
    const char *exponent = at;
    const char *first = NULL;
    const char *point = NULL;

    while (exponent < end && *exponent != 'e' && *exponent != 'E') {
        if (!first && *exponent >= '1' && *exponent <= '9') {
            first = exponent;
        }
        point = *exponent == '.' ? exponent : point;
        exponent++;
    }
    if (!first) {
        return true;
    }
    point = point ? point : exponent;
    ptrdiff_t digits = first < point ? point - first : point - first + 1;
    if (exponent < end) {
        digits += read_exponent(exponent + 1, end);
    }
    return digits < DOUBLE_DIGITS ||
           (digits == DOUBLE_DIGITS && !is_above_largest(first, exponent));
}

/* RFC 8259 section 6. What may follow the number is the caller's to judge. */
__attribute__((noinline)) static const char *scan_any_number(const char *at, const char *end)
{
    const char *start = at;
    bool has_exponent = false;

    if (at < end && *at == '-') {
        at++;
    }
    if (at < end && *at == '0') {
        at++;
    } else {
        at = scan_digits(at, end);
    }
    if (at && at < end && *at == '.') {
        at = scan_digits(at + 1, end);
    }
    if (at && at < end && (*at == 'e' || *at == 'E')) {
        has_exponent = true;
        at++;
        if (at < end && (*at == '+' || *at == '-')) {
            at++;
        }
        at = scan_digits(at, end);
    }
    if (at && (has_exponent || at - start > PLAIN_MAX) && !is_in_range(start, at)) {
        return NULL;
    }
    return at;
}

/* Mostly it is an integer without a sign. */
TG_INLINE const char *scan_number(const char *start, const char *end)
{
    const char *at = start;

    if (*at < '1' || *at > '9') {
        return scan_any_number(start, end);
    }
    at = skip_digits(at, end);
    if (at - start > PLAIN_MAX || (at < end && (*at == '.' || (*at | 0x20) == 'e'))) {
        return scan_any_number(start, end);
    }
    return at;
}

static const char *scan_word(const char *at, const char *end, struct tg_str word)
{
    return tg_str_starts(tg_str(at, (size_t)(end - at)), word) ? at + word.length : NULL;
}

TG_INLINE const char *scan_scalar(const char *at, const char *end, const _Atomic bool *stop)
{
    switch (*at) {
    case '"':
        return scan_string(at + 1, end, stop);
    case 't':
        return scan_word(at, end, TG_STR("true"));
    case 'f':
        return scan_word(at, end, TG_STR("false"));
    case 'n':
        return scan_word(at, end, TG_STR("null"));
    default:
        return scan_number(at, end);
    }
}

/* A member's name, the colon and the blanks around it. */
TG_INLINE const char *scan_name(const char *at, const char *end, const _Atomic bool *stop,
                                struct tg_str *name)
{
    if (at == end || *at != '"') {
        return NULL;
    }
    const char *inside = at + 1;
    at = scan_string(inside, end, stop);
    if (!at) {
        return NULL;
    }
    *name = tg_str(inside, (size_t)(at - 1 - inside));
    at = skip_blanks(at, end);
    return at < end && *at == ':' ? skip_blanks(at + 1, end) : NULL;
}

/* After a value or an empty level, in level levels, of which objects are 1 bits, the innermost
 * lowest: closes what closes there, and gives where the next value is due, or with level 0 where
 * the outermost one has ended. */
TG_INLINE const char *leave(const char *at, const char *end, uint64_t *objects, uint32_t *level,
                            const _Atomic bool *stop)
{
    struct tg_str name;

    while (*level > 0) {
        at = skip_blanks(at, end);
        if (at == end) {
            return NULL;
        }
        char octet = *at++;
        if (octet == ',') {
            at = skip_blanks(at, end);
            return *objects & 1 ? scan_name(at, end, stop, &name) : at;
        }
        if (octet != (*objects & 1 ? '}' : ']')) {
            return NULL;
        }
        *objects >>= 1;
        --*level;
    }
    return at;
}

/* Scans the value that begins at *start and moves *start behind it. */
static int scan_value(const char **start, const char *end, uint32_t depth, uint32_t *nodes,
                      const _Atomic bool *stop)
{
    const char *at = *start;
    uint64_t objects = 0;
    uint32_t level = 0;
    uint32_t left = *nodes;
    struct tg_str name;

    do {
        if (!at || at == end) {
            return TG_ERR_SYNTAX;
        }
        if (left == 0) {
            return TG_ERR_TOO_DEEP;
        }
        left--;
        if (*at == '{' || *at == '[') {
            bool is_object = *at == '{';
            if (level == depth) {
                return TG_ERR_TOO_DEEP;
            }
            objects = objects << 1 | is_object;
            level++;
            at = skip_blanks(at + 1, end);
            if (at == end || *at != (is_object ? '}' : ']')) {
                at = is_object ? scan_name(at, end, stop, &name) : at;
                continue;
            }
        } else {
            at = scan_scalar(at, end, stop);
        }
        if (at) {
            at = leave(at, end, &objects, &level, stop);
        }
    } while (level > 0);
    if (!at) {
        return TG_ERR_SYNTAX;
    }
    *start = at;
    *nodes = left;
    return TG_OK;
}

static uint32_t bounded_depth(const struct tg_json_limits *limits)
{
    return limits->depth < TG_JSON_DEPTH_MAX ? limits->depth : TG_JSON_DEPTH_MAX;
}

/* An empty view may have no address to add to. */
static const char *end_of(struct tg_str text)
{
    return text.length > 0 ? text.at + text.length : text.at;
}

int tg_json_scan(struct tg_str text, const struct tg_json_limits *limits, struct tg_str *value)
{
    const char *end = end_of(text);
    const char *start = skip_blanks(text.at, end);
    const char *at = start;
    uint32_t nodes = limits->nodes;
    int err = scan_value(&at, end, bounded_depth(limits), &nodes, limits->stop);

    *value = tg_str(NULL, 0);
    if (err) {
        return err;
    }
    if (skip_blanks(at, end) != end) {
        return TG_ERR_SYNTAX;
    }
    *value = tg_str(start, (size_t)(at - start));
    return TG_OK;
}

int tg_json_walk_start(struct tg_json_walk *walk, struct tg_str text,
                       const struct tg_json_limits *limits)
{
    const char *end = end_of(text);
    const char *at = skip_blanks(text.at, end);

    if (at == end || *at != '{') {
        return TG_ERR_SYNTAX;
    }
    uint32_t depth = bounded_depth(limits);
    if (depth == 0 || limits->nodes == 0) {
        return TG_ERR_TOO_DEEP;
    }
    *walk = (struct tg_json_walk){at + 1, end, depth - 1, limits->nodes - 1, true};
    return TG_OK;
}

/* Moves to where the next member begins. 1, or what tg_json_walk_next returns. */
static inline int walk_on(struct tg_json_walk *walk)
{
    bool is_first = walk->is_first;

    walk->is_first = false;
    walk->at = skip_blanks(walk->at, walk->end);
    if (walk->at == walk->end) {
        return TG_ERR_SYNTAX;
    }
    if (*walk->at == '}') {
        return skip_blanks(walk->at + 1, walk->end) == walk->end ? 0 : TG_ERR_SYNTAX;
    }
    if (is_first) {
        return 1;
    }
    if (*walk->at != ',') {
        return TG_ERR_SYNTAX;
    }
    walk->at = skip_blanks(walk->at + 1, walk->end);
    return 1;
}

int tg_json_walk_value(struct tg_json_walk *walk, struct tg_str *value)
{
    const char *start = walk->at;
    int err = scan_value(&walk->at, walk->end, walk->depth, &walk->nodes, NULL);

    *value = err ? tg_str(NULL, 0) : tg_str(start, (size_t)(walk->at - start));
    return err;
}

int tg_json_walk_next(struct tg_json_walk *walk, struct tg_json_member *member)
{
    int more = walk_on(walk);

    if (more <= 0) {
        return more;
    }
    const char *value = scan_name(walk->at, walk->end, NULL, &member->name);
    if (!value) {
        return TG_ERR_SYNTAX;
    }
    walk->at = value;
    int err = tg_json_walk_value(walk, &member->value);
    return err ? err : 1;
}

bool tg_json_next_member(struct tg_str object, size_t *cursor, struct tg_json_member *member)
{
    const struct tg_json_limits wide = {TG_JSON_DEPTH_MAX, UINT32_MAX, NULL};
    struct tg_json_walk walk;

    if (tg_json_walk_start(&walk, object, &wide) != TG_OK || *cursor > object.length) {
        return false;
    }
    if (*cursor > 0) {
        walk.at = object.at + *cursor;
        walk.is_first = false;
    }
    if (tg_json_walk_next(&walk, member) != 1) {
        return false;
    }
    *cursor = (size_t)(walk.at - object.at);
    return true;
}

/* UTF-8 of a code point that is no surrogate (RFC 3629 section 3). */
static size_t encode_point(uint32_t point, char out[4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

/* After the backslash of a scanned escape: what it stands for in out, its octets in *length.
 * Gives what follows the escape. */
static const char *undo_escape(const char *at, const char *end, char out[4], size_t *length)
{
    static const char named[] = {
        ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
    char octet = *at++;

    if (octet == 'u') {
        int32_t unit = hex_unit(at, end);
        uint32_t point = (uint32_t)unit;
        at += 4;
        if (is_high_surrogate(unit)) {
            uint32_t low = (uint32_t)hex_unit(at + 2, end);
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
            at += 6;
        }
        *length = encode_point(point, out);
        return at;
    }
    out[0] = octet > '\\' ? named[(uint8_t)octet] : octet;
    *length = 1;
    return at;
}

int tg_json_unescape(struct tg_str inside, char *out, size_t room)
{
    const char *at = inside.at;
    const char *end = end_of(inside);
    size_t length = 0;

    while (at < end) {
        const char *run = at;
        char escaped[4];
        size_t octets;
        at = memchr(run, '\\', (size_t)(end - run));
        if (!at) {
            at = end;
        }
        octets = (size_t)(at - run);
        if (octets > 0) {
            if (octets > room - length) {
                return TG_ERR_TOO_LARGE;
            }
            memcpy(out + length, run, octets);
            length += octets;
        }
        if (at < end) {
            at = undo_escape(at + 1, end, escaped, &octets);
            if (octets > room - length) {
                return TG_ERR_TOO_LARGE;
            }
            memcpy(out + length, escaped, octets);
            length += octets;
        }
    }
    return (int)length;
}
