/* A body: a queue of bytes between two transfers, which pauses its producer above a window, and keeps a short body whole
 * so that it can be sent once more. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

enum { FIRST_CAPACITY = 4096, IDLE_CAPACITY = 65536 };

struct fpw_body {
    uint8_t *bytes; /* the stream from `base` to `written`, where it is not spooled */
    size_t capacity;
    int64_t base, position, furthest, written;
    size_t window, keep;
    int64_t limit;
    bool kept, spooled, finished, failed, exceeded;
    int fd;
    fpw_budget *budget;
    fpw_tally *tally;
    size_t charged;
    fpw_transfer *producer, *consumer;
    bool producer_waits, consumer_waits;
    fpw_capture capture;
};

static bool charge(fpw_body *body, size_t count) {
    if (!fpw_budget_take(body->budget, count)) return false;
    body->charged += count;
    return true;
}

static void refund(fpw_body *body) {
    fpw_budget_give_back(body->budget, body->charged);
    body->charged = 0;
}

fpw_body *fpw_body_create(fpw_budget *budget, fpw_tally *tally) {
    fpw_body *body = calloc(1, sizeof *body);
    if (!body) return NULL;
    body->budget = budget;
    body->tally = tally;
    body->fd = -1;
    return body;
}

static void close_spool(fpw_body *body) {
    if (body->fd >= 0) close(body->fd);
    body->fd = -1;
    body->spooled = false;
}

void fpw_body_destroy(fpw_body *body) {
    refund(body);
    close_spool(body);
    fpw_capture_reset(&body->capture);
    free(body->bytes);
    free(body);
}

void fpw_body_capture_first(fpw_body *body, size_t limit, fpw_budget *budget) {
    fpw_capture_set(&body->capture, limit, budget);
}

const uint8_t *fpw_body_captured(const fpw_body *body, size_t *count) {
    *count = body->capture.count;
    return body->capture.bytes;
}

void fpw_body_reset(fpw_body *body, size_t window, size_t keep, int64_t limit) {
    if (body->consumer) fpw_transfer_lose_source(body->consumer);
    refund(body);
    close_spool(body);
    if (body->capacity > IDLE_CAPACITY) {
        free(body->bytes);
        body->bytes = NULL;
        body->capacity = 0;
    }
    fpw_capture_reset(&body->capture);
    body->base = body->position = body->furthest = body->written = 0;
    body->window = window;
    body->keep = keep;
    body->limit = limit;
    body->kept = true;
    body->finished = body->failed = body->exceeded = false;
    body->producer_waits = body->consumer_waits = false;
}

void fpw_body_set_producer(fpw_body *body, fpw_transfer *producer) {
    body->producer = producer;
    body->producer_waits = false;
}

void fpw_body_set_consumer(fpw_body *body, fpw_transfer *consumer) {
    body->consumer = consumer;
    body->consumer_waits = false;
}

void fpw_body_let_go(fpw_body *body, const fpw_transfer *transfer) {
    if (body->producer == transfer) fpw_body_set_producer(body, NULL);
    if (body->consumer == transfer) fpw_body_set_consumer(body, NULL);
}

static void wake_consumer(fpw_body *body) {
    if (!body->consumer_waits) return;
    body->consumer_waits = false;
    body->consumer->paused_read = false;
    fpw_loop_mark_resume(body->consumer);
}

static void wake_producer(fpw_body *body) {
    if (!body->producer_waits) return;
    body->producer_waits = false;
    body->producer->paused_write = false;
    fpw_loop_mark_resume(body->producer);
}

void fpw_body_spool_to(fpw_body *body, int fd, int64_t limit) {
    close_spool(body);
    body->fd = fd;
    body->limit = limit;
    if (body->base == 0 && body->bytes) body->kept = true; /* all of it is still there, and goes to the file */
    wake_producer(body);
}

static void fail(fpw_body *body) {
    body->failed = true;
    wake_consumer(body);
    if (body->consumer) fpw_loop_mark_resume(body->consumer); /* also one whose peer takes nothing more at the moment */
}

static bool write_all(int fd, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written <= 0) return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

static bool start_spooling(fpw_body *body) {
    if (!write_all(body->fd, body->bytes, (size_t)body->written)) return false;
    refund(body);
    free(body->bytes);
    body->bytes = NULL;
    body->capacity = 0;
    return body->spooled = true;
}

/* Moves what is unread to the front, so that what was read makes room. */
static void drop_read(fpw_body *body) {
    size_t unread = (size_t)(body->written - body->position);
    if (body->position == body->base) return;
    memmove(body->bytes, body->bytes + (body->position - body->base), unread);
    body->base = body->position;
}

static void shrink(fpw_body *body) {
    size_t unread = (size_t)(body->written - body->base);
    size_t enough = 2 * body->window > FIRST_CAPACITY ? 2 * body->window : FIRST_CAPACITY;
    if (body->capacity <= enough || unread > enough) return;
    uint8_t *smaller = realloc(body->bytes, enough);
    if (!smaller) return;
    body->bytes = smaller;
    body->capacity = enough;
}

void fpw_body_forget(fpw_body *body) {
    if (!body->kept || body->spooled) return;
    body->kept = false;
    refund(body);
    drop_read(body);
    shrink(body);
}

static bool store(fpw_body *body, const void *bytes, size_t count) {
    size_t held = (size_t)(body->written - body->base);
    if (!body->kept && held + count > body->capacity) {
        drop_read(body);
        held = (size_t)(body->written - body->base);
    }
    size_t needed = held + count < FIRST_CAPACITY ? FIRST_CAPACITY : held + count;
    if (!fpw_reserve((void **)&body->bytes, &body->capacity, needed, 1)) return false;
    memcpy(body->bytes + held, bytes, count);
    return true;
}

bool fpw_body_append(fpw_body *body, const void *bytes, size_t count) {
    if (body->limit >= 0 && body->written + (int64_t)count > body->limit) {
        body->exceeded = true;
        return fail(body), false;
    }
    if (body->kept && !body->spooled && ((size_t)body->written + count > body->keep || !charge(body, count))) {
        if (body->fd < 0)
            fpw_body_forget(body);
        else if (!start_spooling(body))
            return fail(body), false;
    }
    bool stored = body->spooled ? write_all(body->fd, bytes, count) : store(body, bytes, count);
    if (!stored) return fail(body), false;
    fpw_capture_append(&body->capture, bytes, count);
    body->written += (int64_t)count;
    wake_consumer(body);
    return true;
}

void fpw_body_finish(fpw_body *body, bool failed) {
    if (body->finished || body->failed) return;
    if (failed) return fail(body);
    body->finished = true;
    wake_consumer(body);
}

bool fpw_body_has_room(const fpw_body *body) {
    return body->fd >= 0 || (size_t)(body->written - body->position) < body->window;
}

static size_t copy_out(fpw_body *body, void *into, size_t count) {
    if (!count) return 0; /* There may be no bytes to point to, and memcpy takes no null pointer for nothing. */
    if (body->spooled) {
        ssize_t got = pread(body->fd, into, count, body->position);
        return got > 0 ? (size_t)got : 0;
    }
    memcpy(into, body->bytes + (body->position - body->base), count);
    return count;
}

static void advance(fpw_body *body, size_t count) {
    body->position += (int64_t)count;
    if (body->position > body->furthest) body->furthest = body->position;
    if (!body->kept && body->position == body->written) body->base = body->position;
    if (body->producer_waits && (size_t)(body->written - body->position) <= body->window / 2) wake_producer(body);
}

size_t fpw_body_read(fpw_body *body, void *into, size_t capacity) {
    size_t unread = (size_t)(body->written - body->position);
    size_t count = copy_out(body, into, unread < capacity ? unread : capacity);
    advance(body, count);
    return count;
}

/* Counts what was read since `seen` was the furthest byte. */
static void tally(fpw_body *body, int64_t seen) {
    if (body->tally) fpw_tally_add(body->tally, (uint64_t)(body->furthest - seen));
}

enum fpw_read fpw_body_take(fpw_body *body, void *into, size_t capacity, size_t *taken) {
    *taken = 0;
    if (body->failed) return FPW_READ_FAILED;
    bool readable = body->written > body->position && (!body->spooled || body->finished);
    if (readable) {
        int64_t seen = body->furthest;
        *taken = fpw_body_read(body, into, capacity);
        tally(body, seen);
        return *taken > 0 ? FPW_READ_BYTES : FPW_READ_FAILED;
    }
    if (body->finished) return FPW_READ_END;
    body->consumer_waits = true;
    return FPW_READ_WAIT;
}

const uint8_t *fpw_body_unread_whole(const fpw_body *body, size_t *count) {
    if (!body->finished || body->spooled || body->position > 0) return NULL;
    *count = (size_t)body->written;
    return body->bytes;
}

void fpw_body_skip(fpw_body *body) {
    int64_t seen = body->furthest;
    advance(body, (size_t)(body->written - body->position));
    tally(body, seen);
}

void fpw_body_wait_for_room(fpw_body *body) { body->producer_waits = true; }

bool fpw_body_rewind(fpw_body *body) {
    if (!fpw_body_is_kept(body)) return false;
    body->position = 0;
    return true;
}

bool fpw_body_is_finished(const fpw_body *body) { return body->finished; }
bool fpw_body_has_failed(const fpw_body *body) { return body->failed; }
bool fpw_body_exceeded_limit(const fpw_body *body) { return body->exceeded; }
bool fpw_body_is_kept(const fpw_body *body) { return body->kept && !body->failed; }
int64_t fpw_body_written(const fpw_body *body) { return body->written; }
int64_t fpw_body_consumed(const fpw_body *body) { return body->furthest; }
