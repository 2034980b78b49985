/* Distributed arrays: what they have in common with other containers of one dimension. */

#define LINE array
#include "lines.h"

int main(void) {
    on_ranks(1, lines);
    on_ranks(2, lines);
    on_ranks(4, lines);
    CHECK(dtl_live_objects() == 0);
    return report("arrays");
}
