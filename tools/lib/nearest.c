// SPDX-License-Identifier: GPL-2.0
#include "lib/nearest.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#define LETTERS 16

static bool is_same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* From the first i letters to the first j, the shorter ways being known. */
static unsigned int cost_of(unsigned int cost[][LETTERS + 1], const char *a,
			    const char *b, size_t i, size_t j)
{
	unsigned int best;

	if (!i || !j)
		return (unsigned int)(i + j);
	best = cost[i - 1][j - 1] + !is_same(a[i - 1], b[j - 1]);
	best = least(best, cost[i - 1][j] + 1);
	best = least(best, cost[i][j - 1] + 1);
	if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) &&
	    is_same(a[i - 2], b[j - 1]))
		best = least(best, cost[i - 2][j - 2] + 1);
	return best;
}

static unsigned int distance(const char *typed, const char *meant)
{
	size_t i, j, n = strnlen(typed, LETTERS), m = strnlen(meant, LETTERS);
	unsigned int cost[LETTERS + 1][LETTERS + 1];

	for (i = 0; i <= n; i++)
		for (j = 0; j <= m; j++)
			cost[i][j] = cost_of(cost, typed, meant, i, j);
	return cost[n][m];
}

const char *nearest(const struct strv *words, const char *typed)
{
	unsigned int cost, best = UINT_MAX;
	const char *found = NULL;
	size_t i;

	for (i = 0; i < words->count; i++) {
		cost = distance(typed, words->items[i]);
		if (cost >= best || cost > (strlen(words->items[i]) + 1) / 3)
			continue;
		best = cost;
		found = words->items[i];
	}
	return found;
}
