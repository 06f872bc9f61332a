/* The first bytes of a body, copied aside for one who looks on. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

void fpw_capture_reset(fpw_capture *capture) {
    fpw_budget_give_back(capture->budget, capture->capacity);
    free(capture->bytes);
    capture->bytes = NULL;
    capture->capacity = capture->count = 0;
    capture->left = capture->limit;
}

void fpw_capture_set(fpw_capture *capture, size_t limit, fpw_budget *budget) {
    fpw_capture_reset(capture);
    *capture = (fpw_capture){.limit = limit, .budget = budget};
}

/* `needed` is no more than the limit. False: the budget or memory is used up. */
static bool grow(fpw_capture *capture, size_t needed) {
    size_t capacity = capture->capacity;
    if (needed <= capacity) return true;
    size_t grown = 2 * capacity < needed ? needed : 2 * capacity;
    if (grown > capture->limit) grown = capture->limit;
    if (!fpw_budget_take(capture->budget, grown - capacity)) return false;
    uint8_t *moved = realloc(capture->bytes, grown);
    if (!moved) return fpw_budget_give_back(capture->budget, grown - capacity), false;
    capture->bytes = moved;
    capture->capacity = grown;
    return true;
}

void fpw_capture_append(fpw_capture *capture, const void *bytes, size_t count) {
    if (count > capture->left) count = capture->left;
    if (count == 0) return;
    if (!grow(capture, capture->count + count)) {
        capture->left = 0;
        return;
    }
    memcpy(capture->bytes + capture->count, bytes, count);
    capture->count += count;
    capture->left -= count;
}
