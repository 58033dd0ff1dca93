/*
 * See zero.h. Pages that are not zero mostly show it in their first words, so these are looked at first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/zero.h"
#include <stdint.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

static bool words_are_zero(const void *p, size_t n)
{
    const uint64_t *w = p;

    for (size_t i = 0; i < n / 8; i += 8) {
        if (w[i] | w[i + 1] | w[i + 2] | w[i + 3] | w[i + 4] | w[i + 5] | w[i + 6] | w[i + 7]) {
            return false;
        }
    }
    return true;
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static bool avx2_is_zero(const void *p, size_t n)
{
    const __m256i *v = p;

    for (size_t i = 0; i < n / 32; i += 8) {
        __m256i a = _mm256_or_si256(_mm256_loadu_si256(v + i), _mm256_loadu_si256(v + i + 1));
        __m256i b = _mm256_or_si256(_mm256_loadu_si256(v + i + 2), _mm256_loadu_si256(v + i + 3));
        __m256i c = _mm256_or_si256(_mm256_loadu_si256(v + i + 4), _mm256_loadu_si256(v + i + 5));
        __m256i d = _mm256_or_si256(_mm256_loadu_si256(v + i + 6), _mm256_loadu_si256(v + i + 7));
        a = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
        if (!_mm256_testz_si256(a, a)) {
            return false;
        }
    }
    return true;
}
#endif

bool (*const is_zero_ways[])(const void *p, size_t n) = {
#ifdef __x86_64__
    avx2_is_zero,
#endif
    words_are_zero, NULL
};

bool is_zero_way_runs_here(bool (*way)(const void *p, size_t n))
{
#ifdef __x86_64__
    return way != avx2_is_zero || __builtin_cpu_supports("avx2");
#else
    return true;
#endif
}

static bool (*best_way(void))(const void *p, size_t n)
{
    return is_zero_way_runs_here(is_zero_ways[0]) ? is_zero_ways[0] : words_are_zero;
}

bool is_zero(const void *p, size_t n)
{
    const uint64_t *w = p;

    return !(w[0] | w[n / 16] | w[n / 8 - 1]) && best_way()(p, n);
}

unsigned zero_run(const void *p, size_t unit, unsigned n)
{
    bool (*way)(const void *p, size_t n) = best_way();
    unsigned i = 0;

    while (i < n && way((const char *)p + i * unit, unit)) {
        i++;
    }
    return i;
}
