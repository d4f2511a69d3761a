//! Asks the linker for a small binary where it is known to understand: functions of the same code are
//! kept once, and addresses that are settled at the start are written in a short form.

#![expect(clippy::disallowed_methods, reason = "Cargo tells a build script by the environment")]

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|it| it == value);
    // Rust brings its own linker (lld) for this target; others may have one that lacks the first of them.
    if is("PROFILE", "release") && is("TARGET", "x86_64-unknown-linux-gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
