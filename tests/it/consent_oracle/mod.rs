//! The engine against an oracle written from the text of the rules: no Cedar, and no code shared with the engine or with
//! what derives its facts. Worlds are generated as people would describe them, put to the engine as FHIR Consents and
//! records, and to the oracle as they are; on every label both must say the same.
//!
//! `cargo test` looks at a few thousand worlds; the full number:
//! `CMHT_ORACLE_WORLDS=1000000 cargo test --release --test it consent_oracle -- --ignored --nocapture`.

mod put;
mod rules;
mod world;

use cmht_gateway::consent::Label;

use crate::consent_case::engine;
use crate::fuzz::dice::Dice;
use put::Bundles;
pub(crate) use put::bundle;
use world::World;

/// Worlds looked at by `cargo test`, and by the ignored test where nobody says how many.
const SOME: u64 = 1_500;
const MANY: u64 = 200_000;

/// Compares so many worlds from a seed on; gives how many labels were permitted and how many were not.
fn compared(first: u64, worlds: u64) -> [u64; 2] {
    let bundles = Bundles::new();
    let mut counts = [0, 0];
    for seed in first..first + worlds {
        let world = World::thrown(&mut Dice::of(seed));
        let asked = put::Asked::of(&world);
        let rulings = engine().rulings(&asked.question(bundles.of(&world)));
        assert_eq!(rulings.len(), Label::all().count(), "seed {seed}: policy could not be evaluated");
        for ruling in rulings {
            let permitted = rules::may_receive(&world, ruling.label);
            let told = rules::may_be_told(&world, ruling.label);
            assert_eq!(
                (ruling.permitted, ruling.recipient_may_be_told),
                (permitted, told),
                "seed {seed}, {}: the engine's answer is left, the oracle's right; rules that permit: {:?}, that forbid: {:?}\n{world:#?}",
                ruling.label,
                ruling.permits,
                ruling.forbids,
            );
            counts[usize::from(!permitted)] += 1;
        }
    }
    counts
}

#[test]
fn the_engine_and_the_rules_as_written_agree_on_generated_worlds() {
    let [permitted, withheld] = compared(0, SOME);
    // Worlds in which next to nothing, or next to everything, goes would prove little.
    assert!(permitted > withheld / 20 && withheld > permitted / 20, "{permitted} permitted, {withheld} withheld");
}

#[test]
#[ignore = "takes minutes; the number of worlds is CMHT_ORACLE_WORLDS"]
fn the_engine_and_the_rules_as_written_agree_on_very_many_worlds() {
    let worlds = std::env::var("CMHT_ORACLE_WORLDS").ok().map_or(MANY, |number| number.parse().unwrap());
    let shares = u64::try_from(std::thread::available_parallelism().unwrap().get()).unwrap();
    let share = worlds.div_ceil(shares);
    let sums = std::thread::scope(|scope| {
        let running: Vec<_> =
            (0..shares).map(|number| scope.spawn(move || compared(1_000_000 + number * share, share))).collect();
        running.into_iter().map(|one| one.join().unwrap()).fold([0, 0], |sum, one| [sum[0] + one[0], sum[1] + one[1]])
    });
    println!("{} worlds agree: {} labels permitted, {} withheld", share * shares, sums[0], sums[1]);
}
