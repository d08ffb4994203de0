//! What a runner reads.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = exuvia_runtime::fuzz::requests(bytes);
});
