//! The bodies of the fuzz targets, run over the committed seeds and over invented inputs, the same ones
//! each time. `fuzz/run` is for the search itself.

#[path = "../fuzz/src/lib.rs"]
mod bodies;

use std::fs;
use std::path::Path;

/// Invented inputs for each target.
const INVENTED: u64 = 400;

fn run(name: &str) {
    let (_, body) = bodies::TARGETS.iter().find(|(known, _)| *known == name).expect("a target");
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut known: Vec<Vec<u8>> = Vec::new();
    for entry in fs::read_dir(seeds).expect("seeds") {
        known.push(fs::read(entry.expect("an entry").path()).expect("a seed"));
    }
    known.sort();
    assert!(!known.is_empty(), "no seeds for {name}");
    known.iter().for_each(|seed| body(seed));
    for number in 0..INVENTED {
        let mut random = fastrand::Rng::with_seed(number);
        let mut input = random.choice(&known).cloned().unwrap_or_default();
        mutate(&mut input, &mut random);
        body(&input);
    }
}

/// A few changes of the kinds that fuzzers make.
fn mutate(input: &mut Vec<u8>, random: &mut fastrand::Rng) {
    for _ in 0..random.usize(1..6) {
        let at = random.usize(0..=input.len());
        match random.u8(0..4) {
            0 => input.insert(at, random.u8(..)),
            1 => input.truncate(at),
            2 => input.extend((0..random.usize(0..40)).map(|_| random.u8(..))),
            _ => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = random.u8(..);
                }
            }
        }
    }
}

#[test]
fn engine() {
    run("engine");
}

#[test]
fn codecs() {
    run("codecs");
}

#[test]
fn endpoints() {
    run("endpoints");
}

#[test]
fn options() {
    run("options");
}

#[test]
fn sockets() {
    run("sockets");
}
