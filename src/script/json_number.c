/* SPDX-License-Identifier: MIT */
#include "script/json_number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRACTION_MAX = 15, /* digits after the point that are tried without the C library */
    DIGITS_SAFE = 15,  /* significant digits that every double keeps apart */
    DIGITS_ALL = 17    /* that tell all doubles apart */
};

static const double INTEGER_MAX = 9007199254740992.0;     /* 2^53 */
static const double DIGITS_SAFE_END = 1000000000000000.0; /* 10^DIGITS_SAFE */
static const double PLAIN_MIN = 0.0001; /* below it the exponent form is shorter */

static size_t count_digits(uint64_t value)
{
    size_t count = 1;

    for (; value >= 100000; value /= 100000) {
        count += 5;
    }
    return count + (value >= 10) + (value >= 100) + (value >= 1000) + (value >= 10000);
}

/* Writes at least least digits. Returns their count. */
static size_t write_integer(uint64_t value, size_t least, char *out)
{
    static const char pairs[] = "00010203040506070809"
                                "10111213141516171819"
                                "20212223242526272829"
                                "30313233343536373839"
                                "40414243444546474849"
                                "50515253545556575859"
                                "60616263646566676869"
                                "70717273747576777879"
                                "80818283848586878889"
                                "90919293949596979899";
    size_t count = count_digits(value);

    count = count > least ? count : least;
    size_t left = count;
    for (; left >= 2; left -= 2, value /= 100) {
        memcpy(out + left - 2, pairs + value % 100 * 2, 2);
    }
    if (left > 0) {
        out[0] = (char)('0' + value % 10);
    }
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
