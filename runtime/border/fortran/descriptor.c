/* What the descriptors of a Fortran compiler say, in terms of dtl. Compilers lay descriptors out differently, so this file is
 * compiled together with the Fortran modules, by a C compiler that finds the ISO_Fortran_binding.h of their compiler: gcc has
 * that of gfortran. The runtime never sees a descriptor. The module dtl_border declares what stands here. */
#include <ISO_Fortran_binding.h>
#include <stdint.h>
#include <string.h>

/* The kinds of types that elements may have; the constants of the same names in dtl_border. */
enum { NO_ELEMENTS, INTEGERS, REALS, COMPLEX_NUMBERS, LOGICALS };

/* The type `description` of dtl_border. */
struct description {
    void* address;
    int64_t count;
    int64_t bytes;
    int kind;
    int rank;
    int is_contiguous;
    int is_sized;
    int64_t extents[CFI_MAX_RANK];
    int64_t strides[CFI_MAX_RANK];
};

static int is_logical(CFI_type_t type) {
#ifdef CFI_type_Logical
    /* gfortran: the type in the lower byte, its size above. */
    return (type & CFI_type_mask) == CFI_type_Logical;
#else
    /* flang tells the other kinds from integers by the codes of the fast ones. Where these are others' codes, too, they are
     * those of integers. */
    int is_integer = type == CFI_type_int8_t || type == CFI_type_int16_t || type == CFI_type_int32_t ||
                     type == CFI_type_int64_t;
    int is_fast = type == CFI_type_int_fast16_t || type == CFI_type_int_fast32_t || type == CFI_type_int_fast64_t;
    return type == CFI_type_Bool || (is_fast && !is_integer);
#endif
}

static int kind_of(CFI_type_t type) {
    if (is_logical(type)) {
        return LOGICALS;
    }
    if (type == CFI_type_int32_t || type == CFI_type_int64_t || type == CFI_type_int8_t || type == CFI_type_int16_t) {
        return INTEGERS;
    }
    if (type == CFI_type_double || type == CFI_type_float) {
        return REALS;
    }
    if (type == CFI_type_double_Complex || type == CFI_type_float_Complex) {
        return COMPLEX_NUMBERS;
    }
    return NO_ELEMENTS;
}

/* Says what `array` is. `size` is its number of elements as Fortran sees it, which is negative for arrays of assumed size. With
 * gfortran it is negative for some temporary arrays without elements as well: their last extent is 0 here, or they have no
 * address. (An array x(0:*) looks like these.) */
void dtl_fortran_describe(const CFI_cdesc_t* array, int64_t size, struct description* found) {
    int rank = array->rank;
    int64_t stride = (int64_t)array->elem_len;
    found->address = array->base_addr;
    found->bytes = stride;
    found->kind = kind_of(array->type);
    found->rank = rank;
    found->is_contiguous = 1;
    for (int i = 0; i < rank; i++) {
        int64_t extent = array->dim[i].extent > 0 ? array->dim[i].extent : 0;
        found->extents[i] = extent;
        found->strides[i] = array->dim[i].sm;
        if (extent != 1 && array->dim[i].sm != stride) {
            found->is_contiguous = 0;
        }
        stride *= extent;
    }
    found->is_sized = size >= 0 || array->base_addr == NULL || (rank > 0 && array->dim[rank - 1].extent == 0);
    found->count = size > 0 ? size : 0;
    if (found->count == 0) {
        found->is_contiguous = 1;
    }
}

/* Whether a logical of so many bytes is true. */
static int truth(const unsigned char* element, int64_t bytes) {
    for (int64_t i = 0; i < bytes; i++) {
        if (element[i] != 0) {
            return 1;
        }
    }
    return 0;
}

static void set_truth(unsigned char* element, int64_t bytes, int value) {
    union {
        uint64_t number;
        uint32_t half;
        uint16_t quarter;
        unsigned char bytes[16];
    } word = {.bytes = {0}};
    switch (bytes) {
    case 16:
    case 8: word.number = (uint64_t)value; break;
    case 4: word.half = (uint32_t)value; break;
    case 2: word.quarter = (uint16_t)value; break;
    default: word.bytes[0] = (unsigned char)value;
    }
    memcpy(element, word.bytes, (size_t)bytes);
}

/* Copies one element. Sizes that the compiler knows are single instructions. */
static inline void copy_element(void* to, const void* from, int64_t bytes) {
    switch (bytes) {
    case 8: memcpy(to, from, 8); break;
    case 4: memcpy(to, from, 4); break;
    case 16: memcpy(to, from, 16); break;
    default: memcpy(to, from, (size_t)bytes);
    }
}

/* Copies the elements of an array, which begin at `strided`, to those that stand one after the other at `packed`, or back. A
 * logical takes one byte there. Gives where the next elements stand. */
static unsigned char* copy(const struct description* array, int dimensions, unsigned char* strided, unsigned char* packed,
                           int is_packing) {
    int64_t extent = dimensions > 0 ? array->extents[dimensions - 1] : 1;
    int64_t stride = dimensions > 0 ? array->strides[dimensions - 1] : 0;
    int64_t bytes = array->bytes;
    if (dimensions > 1) {
        for (int64_t i = 0; i < extent; i++) {
            packed = copy(array, dimensions - 1, strided + i * stride, packed, is_packing);
        }
    } else if (array->kind == LOGICALS && is_packing) {
        for (int64_t i = 0; i < extent; i++) {
            *packed++ = (unsigned char)truth(strided + i * stride, bytes);
        }
    } else if (array->kind == LOGICALS) {
        for (int64_t i = 0; i < extent; i++) {
            set_truth(strided + i * stride, bytes, *packed++);
        }
    } else if (is_packing) {
        for (int64_t i = 0; i < extent; i++, packed += bytes) {
            copy_element(packed, strided + i * stride, bytes);
        }
    } else {
        for (int64_t i = 0; i < extent; i++, packed += bytes) {
            copy_element(strided + i * stride, packed, bytes);
        }
    }
    return packed;
}

/* Copies the elements of an array to `packed`. */
void dtl_fortran_pack(const struct description* array, void* packed) {
    copy(array, array->rank, array->address, packed, 1);
}

/* Copies the elements at `packed` to an array. */
void dtl_fortran_unpack(const struct description* array, void* packed) {
    copy(array, array->rank, array->address, packed, 0);
}

/* Copies a list of integers of four or eight bytes to `numbers`. */
void dtl_fortran_copy_integers(const struct description* list, int64_t* numbers) {
    const unsigned char* element = list->address;
    for (int64_t i = 0; i < list->count; i++, element += list->strides[0]) {
        int32_t narrow;
        if (list->bytes == 8) {
            memcpy(&numbers[i], element, 8);
        } else {
            memcpy(&narrow, element, 4);
            numbers[i] = narrow;
        }
    }
}
