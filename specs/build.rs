//! Makes cargo notice changes of the data that is built into this crate; `include_dir!` alone does not.

fn main() {
    for folder in [
        "openapi",
        "requirements",
        "readings",
        "profiles",
        "published",
        "errata",
        "editions",
    ] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
