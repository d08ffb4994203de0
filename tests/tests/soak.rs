//! What a session takes up does not grow with the number of its swaps: the short form of `cargo bench --bench soak`.

use exuvia_tests::program::exuvia;
use exuvia_tests::soak::{Soak, slope};

/// Swaps before the first sample: caches fill, allocators settle.
const WARM_UP: usize = 100;

/// Swaps that are watched.
const SWAPS: usize = 300;

/// What the runner's memory may grow by in 1,000 swaps, in KiB. The buffer of a version's stdout, 1 KiB, is in
/// a static of the version's copy of std, which nobody frees; all else is to be given back.
const SLOPE: f64 = 1_400.0;

#[test]
fn nothing_grows_with_the_number_of_swaps() {
    let mut soak = Soak::start(exuvia());
    for _ in 0..WARM_UP {
        soak.swap();
    }
    let mut samples = vec![soak.sample()];
    for _ in 0..SWAPS / 20 {
        for _ in 0..20 {
            soak.swap();
        }
        samples.push(soak.sample());
    }
    let (first, last) = (samples[0], samples[samples.len() - 1]);
    for (name, before, after) in [("shell", first.shell, last.shell), ("runner", first.runner, last.runner)] {
        assert_eq!(before.descriptors, after.descriptors, "descriptors of the {name}: {samples:?}");
        assert_eq!(before.threads, after.threads, "threads of the {name}: {samples:?}");
    }
    assert_eq!(first.files, last.files, "files: {samples:?}");
    // One library is five regions or so, and one that is not unmapped stays at each swap.
    assert!(last.runner.mappings < first.runner.mappings + 20, "mappings of the runner: {samples:?}");
    let memory: Vec<(u64, u64)> = samples.iter().map(|sample| (sample.activations, sample.runner.resident)).collect();
    assert!(slope(&memory) < SLOPE, "memory of the runner, in KiB: {memory:?}");
    soak.end();
}
