/* Passwords and their hashes, by libcrypt. */
#include "fpwcrypt.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

/* In a time that the place of the first difference does not tell. */
static bool equal(const char *left, const char *right) {
    size_t length = strlen(left);
    if (strlen(right) != length) return false;
    unsigned char difference = 0;
    for (size_t i = 0; i < length; i++) difference |= (unsigned char)(left[i] ^ right[i]);
    return difference == 0;
}

bool fpw_password_matches(const char *password, const char *hash) {
    struct crypt_data *data = calloc(1, sizeof *data);
    if (!data) return false;
    const char *made = crypt_r(password, hash, data);
    /* What begins with '*' says that the hash is none. */
    bool matches = made && made[0] != '*' && equal(made, hash);
    explicit_bzero(data, sizeof *data);
    free(data);
    return matches;
}
