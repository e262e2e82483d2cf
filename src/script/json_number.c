/* SPDX-License-Identifier: MIT */
#include "script/json_number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGITS_MAX = 20,   /* of a uint64_t */
    FRACTION_MAX = 15, /* digits after the point that are tried without the C library */
    DIGITS_SAFE = 15,  /* significant digits that every double keeps apart */
    DIGITS_ALL = 17    /* that tell all doubles apart */
};

static const double INTEGER_MAX = 9007199254740992.0;     /* 2^53 */
static const double DIGITS_SAFE_END = 1000000000000000.0; /* 10^DIGITS_SAFE */
static const double PLAIN_MIN = 0.0001; /* below it the exponent form is shorter */

/* Writes at least least digits. Returns their count. */
static size_t write_integer(uint64_t value, size_t least, char *out)
{
    char digits[DIGITS_MAX];
    size_t count = 0;

    do {
        digits[DIGITS_MAX - ++count] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || count < least);
    memcpy(out, digits + DIGITS_MAX - count, count);
    return count;
}

/* A fraction that is a decimal of at most DIGITS_SAFE digits: scaled up by the least power of ten
 * that makes it an integer. The division, of exact operands and correctly rounded, proves that
 * these digits read back as the value; being so few, they are the shortest. Returns 0 when value
 * is no such number. */
static size_t write_decimal(double value, char *out)
{
    uint64_t scale = 1;

    if (value < PLAIN_MIN) {
        return 0;
    }
    for (size_t places = 1; places <= FRACTION_MAX; places++) {
        scale *= 10;
        double scaled = nearbyint(value * (double)scale);
        if (scaled >= DIGITS_SAFE_END) {
            return 0;
        }
        if (scaled / (double)scale == value) {
            uint64_t digits = (uint64_t)scaled;
            size_t length = write_integer(digits / scale, 1, out);
            out[length++] = '.';
            return length + write_integer(digits % scale, places, out + length);
        }
    }
    return 0;
}

/* By the C library, in whose C locale the point is a point: with more digits until they read back
 * as the value. */
static size_t write_by_printf(double value, char *out)
{
    int length = 0;

    for (int digits = DIGITS_SAFE; digits <= DIGITS_ALL; digits++) {
        length = snprintf(out, TG_JSON_NUMBER_MAX, "%.*g", digits, value);
        if (digits == DIGITS_ALL || strtod(out, NULL) == value) {
            break;
        }
    }
    return (size_t)length;
}

size_t tg_json_number_write(double value, char *out)
{
    size_t sign = signbit(value) ? 1 : 0;
    double magnitude = sign ? -value : value;

    if (sign) {
        *out++ = '-';
    }
    if (magnitude <= INTEGER_MAX) {
        uint64_t integer = (uint64_t)magnitude;
        if ((double)integer == magnitude) {
            return sign + write_integer(integer, 1, out);
        }
        size_t length = write_decimal(magnitude, out);
        if (length > 0) {
            return sign + length;
        }
    }
    return sign + write_by_printf(magnitude, out);
}
