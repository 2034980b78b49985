/* Distributed vectors: what they have in common with other containers of one dimension. */

#define LINE vector
#include "lines.h"

int main(void) {
    on_all_ranks();
    CHECK(dtl_live_objects() == 0);
    return report("vectors");
}
