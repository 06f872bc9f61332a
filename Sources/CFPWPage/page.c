#include "CFPWPage.h"

static const unsigned char page[] = {
#embed "index.html"
};

const unsigned char *fpw_page(void) { return page; }

size_t fpw_page_size(void) { return sizeof page; }
