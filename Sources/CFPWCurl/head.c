/* The head of an answer, line by line as libcurl hands it over: its status and its fields, as they came. */
#define _GNU_SOURCE
#include <string.h>

#include "internal.h"

enum { HEAD_LIMIT = 1 << 20 }; /* what is allowed on the wire is checked by the caller */

static bool is_blank(char c) { return c == ' ' || c == '\t'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool append_field(fpw_transfer *t, const char *line, size_t length) {
    const char *colon = memchr(line, ':', length);
    if (!colon || colon == line || is_blank(*line)) return false; /* no field, or obs-fold */
    size_t name_end = (size_t)(colon - line), start = name_end + 1, end = length;
    while (start < end && is_blank(line[start])) start++;
    while (end > start && is_blank(line[end - 1])) end--;
    if (!fpw_reserve((void **)&t->head, &t->head_capacity, t->head_length + length, 1) ||
        !fpw_reserve((void **)&t->fields, &t->field_capacity, t->field_count + 1, sizeof *t->fields))
        return false;
    memcpy(t->head + t->head_length, line, length);
    uint32_t base = (uint32_t)t->head_length;
    t->fields[t->field_count++] =
        (fpw_field){base, base + (uint32_t)name_end, base + (uint32_t)start, base + (uint32_t)end};
    t->head_length += length;
    return true;
}

static bool is_named(const fpw_transfer *t, const fpw_field *field, const char *name, size_t length) {
    return field->name_end - field->name == length && strncasecmp(t->head + field->name, name, length) == 0;
}

/* The status of "HTTP/1.1 200 OK" or "HTTP/2 200"; 0: there is none (RFC 9112 section 4). What stands behind it means nothing. */
static int read_status(const char *line, size_t length) {
    const char *end = line + length, *c = memchr(line, ' ', length);
    size_t version = c ? (size_t)(c - line) : 0;
    if (version < 6 || memcmp(line, "HTTP/", 5) != 0 || !is_digit(line[5])) return 0;
    if (version > 6 && (version != 8 || line[6] != '.' || !is_digit(line[7]))) return 0;
    while (c < end && *c == ' ') c++;
    if (end - c < 3) return 0;
    int status = 0;
    for (const char *last = c + 3; c < last; c++) {
        if (!is_digit(*c)) return 0;
        status = status * 10 + (*c - '0');
    }
    return c < end && is_digit(*c) ? 0 : status;
}

/* The value of the only Content-Length; -1 where there is none, or the body is framed otherwise. */
static int64_t find_content_length(const fpw_transfer *t) {
    int64_t found = -1;
    for (size_t i = 0; i < t->field_count; i++) {
        const fpw_field *field = &t->fields[i];
        uint32_t digits = field->value_end - field->value;
        if (is_named(t, field, "transfer-encoding", 17)) return -1;
        if (!is_named(t, field, "content-length", 14)) continue;
        if (found >= 0 || digits == 0 || digits > 18) return -1;
        int64_t value = 0;
        for (const char *c = t->head + field->value; c < t->head + field->value_end; c++) {
            if (!is_digit(*c)) return -1;
            value = value * 10 + (*c - '0');
        }
        found = value;
    }
    return found;
}

static bool head_ended(fpw_transfer *t) {
    t->expects_status = t->status < 200;
    if (t->expects_status) return t->status != 101; /* 1xx: the real answer follows; 101 was never asked for */
    t->head_complete = true;
    t->head_at = t->progress_at = t->loop->now;
    t->content_length = find_content_length(t);
    if (t->content_length == 0 && t->sink) fpw_body_finish(t->sink, false);
    if (t->status >= 300 && t->paused_read) {
        /* libcurl sends no more of the body now, but would wait for it to be continued. */
        t->paused_read = false;
        fpw_loop_mark_resume(t);
    }
    fpw_loop_mark_ready(t, FPW_EVENT_HEAD);
    return true;
}

size_t fpw_transfer_on_header(char *line, size_t size, size_t count, void *user) {
    fpw_transfer *t = user;
    size_t length = size * count, content = length;
    if (t->head_complete) return length; /* trailers are dropped */
    while (content > 0 && (line[content - 1] == '\n' || line[content - 1] == '\r')) content--;
    bool good;
    if (content == 0) {
        good = head_ended(t);
    } else if (t->expects_status) {
        t->expects_status = false;
        t->status = read_status(line, content);
        t->head_length = t->field_count = 0;
        good = t->status >= 100;
    } else {
        good = t->head_length + content <= HEAD_LIMIT && append_field(t, line, content);
    }
    if (!good) t->malformed = true;
    return good ? length : 0;
}

bool fpw_transfer_has_head(const fpw_transfer *t) { return t->head_complete; }
int fpw_transfer_status(const fpw_transfer *t) { return t->status; }
int64_t fpw_transfer_content_length(const fpw_transfer *t) { return t->content_length; }

const char *fpw_transfer_head(const fpw_transfer *t, size_t *length) {
    *length = t->head_length;
    return t->head;
}

const fpw_field *fpw_transfer_fields(const fpw_transfer *t, size_t *count) {
    *count = t->field_count;
    return t->fields;
}
