//! Names the shared library: programs ask the loader for `libdtl.so.<ABI>`, so that a later library with another binary
//! interface is never taken for this one. What the library exports needs no step here: rustc exports from a cdylib the
//! functions with C names and nothing else.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libdtl.so.{}", dtl_types::constants::ABI_VERSION);
}
