/* CFPWCrypt: what fpwd needs of crypt(3). */
#ifndef FPWCRYPT_H
#define FPWCRYPT_H

#include <stdbool.h>

/* Whether the password is the one that the hash, in a form of crypt(5), was made of. Takes as long as the hash asks for,
 * mostly tens of milliseconds; any thread. False also where there is no memory for it. Both are only read. */
bool fpw_password_matches(const char *password, const char *hash);

#endif
