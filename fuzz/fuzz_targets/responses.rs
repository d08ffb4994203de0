//! What the workbench reads of a runner.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = exuvia_runtime::fuzz::responses(bytes);
});
