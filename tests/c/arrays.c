/* Distributed arrays: what they have in common with other containers of one dimension. */

#define LINE array
#include "lines.h"

int main(void) {
    on_all_ranks();
    CHECK(dtl_live_objects() == 0);
    return report("arrays");
}
