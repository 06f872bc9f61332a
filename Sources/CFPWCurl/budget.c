/* What many bodies of any loop share: a budget of bytes, and a count of them. */
#include <stdatomic.h>
#include <stdlib.h>

#include "internal.h"

struct fpw_budget {
    _Atomic size_t used, limit;
};

struct fpw_tally {
    _Atomic uint64_t total;
};

fpw_budget *fpw_budget_create(size_t limit) {
    fpw_budget *budget = calloc(1, sizeof *budget);
    if (budget) budget->limit = limit;
    return budget;
}

void fpw_budget_destroy(fpw_budget *budget) { free(budget); }

void fpw_budget_set_limit(fpw_budget *budget, size_t limit) { budget->limit = limit; }

size_t fpw_budget_limit(const fpw_budget *budget) { return budget->limit; }

size_t fpw_budget_used(const fpw_budget *budget) { return budget->used; }

bool fpw_budget_take(fpw_budget *budget, size_t count) {
    if (!budget || atomic_fetch_add(&budget->used, count) + count <= budget->limit) return true;
    atomic_fetch_sub(&budget->used, count);
    return false;
}

void fpw_budget_give_back(fpw_budget *budget, size_t count) {
    if (budget && count) atomic_fetch_sub(&budget->used, count);
}

fpw_tally *fpw_tally_create(void) { return calloc(1, sizeof(fpw_tally)); }

void fpw_tally_destroy(fpw_tally *tally) { free(tally); }

void fpw_tally_add(fpw_tally *tally, uint64_t count) {
    atomic_fetch_add_explicit(&tally->total, count, memory_order_relaxed);
}

uint64_t fpw_tally_total(const fpw_tally *tally) {
    return atomic_load_explicit(&tally->total, memory_order_relaxed);
}
