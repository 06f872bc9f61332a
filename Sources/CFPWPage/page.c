#include "CFPWPage.h"

// The page is one file as a browser gets it; these are its parts, in order.
static const unsigned char page[] = {
#embed "page/head.html" suffix(,)
#embed "page/style.css" suffix(,)
#embed "page/body.html" suffix(,)
#embed "page/texts.js" suffix(,)
#embed "page/elements.js" suffix(,)
#embed "page/format.js" suffix(,)
#embed "page/history.js" suffix(,)
#embed "page/chart.js" suffix(,)
#embed "page/qr.js" suffix(,)
#embed "page/places.js" suffix(,)
#embed "page/charts.js" suffix(,)
#embed "page/visits.js" suffix(,)
#embed "page/bodies.js" suffix(,)
#embed "page/differences.js" suffix(,)
#embed "page/inspector.js" suffix(,)
#embed "page/sending.js" suffix(,)
#embed "page/state.js" suffix(,)
#embed "page/main.js" suffix(,)
#embed "page/end.html"
};

const unsigned char *fpw_page(void) { return page; }

size_t fpw_page_size(void) { return sizeof page; }
