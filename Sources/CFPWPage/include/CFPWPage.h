/// The status page as a part of the program: one HTML file.
#pragma once

#include <stddef.h>

/// Its bytes, UTF-8 without a terminating NUL. Never freed, from any thread.
const unsigned char *fpw_page(void);

/// How many they are.
size_t fpw_page_size(void);
