//! One run: makes inputs, feeds them, and judges by what may never happen: a panic, an input that takes long, work that
//! grows faster than the input. Inputs that bring out a finding not seen before are kept and changed further.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use cmht_gateway::fhir::tree::{Name, Tree};
use cmht_gateway::fhir::{Format, Limits};
use cmht_gateway::validate::fhirpath::{Alone, Node, Program, Scope};
use cmht_gateway::validate::structure::Registry;
use cmht_gateway::validate::walk::{Options, validate};

use super::Kind;
use super::dice::Dice;
use super::mutate::{grown, mutate};

/// Longer inputs are cut.
const LONGEST: usize = 64 * 1024;
/// Inputs that are changed further, at most.
const CORPUS: usize = 4_000;
/// How long one input may take: many times what the slowest takes.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 4 });
/// Work below this is too short to say how it grows.
const NOTICEABLE: Duration = Duration::from_millis(if cfg!(debug_assertions) { 400 } else { 40 });
/// How much longer twice the input may take: linear is 2, quadratic 4.
const GROWTH: f64 = 3.4;
/// The resource that expressions are run on.
const RESOURCE: &[u8] =
    br#"{"resourceType":"Patient","id":"a","active":true,"name":[{"family":"Muster","given":["A","B"]},
    {"text":"words"}],"birthDate":"1970-01-02","multipleBirthInteger":2,"contact":[{"name":{"text":"c"}}]}"#;

/// What went wrong, and the input.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) why: String,
    pub(super) input: Vec<u8>,
}

pub(super) struct Run<'r> {
    kind: Kind,
    registry: &'r Registry,
    corpus: Vec<Vec<u8>>,
    seeds: usize,
    seen: HashSet<u64>,
    dice: Dice,
    /// Where the input that is being tried is written first, for what ends the whole process.
    last: Option<PathBuf>,
    pub(super) tried: usize,
    pub(super) grown: usize,
}

impl<'r> Run<'r> {
    pub(super) fn new(
        kind: Kind,
        registry: &'r Registry,
        corpus: Vec<Vec<u8>>,
        seed: u64,
        last: Option<PathBuf>,
    ) -> Self {
        let seeds = corpus.len();
        Self { kind, registry, corpus, seeds, seen: HashSet::new(), dice: Dice::of(seed), last, tried: 0, grown: 0 }
    }

    /// Feeds the corpus as it is, then inputs made from it, until the time is over.
    pub(super) fn go(&mut self, time: Duration) -> Result<(), Failure> {
        let begun = Instant::now();
        for at in 0..self.seeds {
            let input = self.corpus[at].clone();
            self.feed(&input)?;
        }
        while begun.elapsed() < time {
            let one = self.dice.below(self.corpus.len());
            let other = self.dice.below(self.corpus.len());
            let mut input = mutate(self.kind, &self.corpus[one], &self.corpus[other], &mut self.dice);
            input.truncate(LONGEST);
            if self.feed(&input)? && self.corpus.len() < CORPUS {
                self.corpus.push(input.clone());
            }
            if self.tried.is_multiple_of(16) {
                self.growth(&input)?;
            }
        }
        Ok(())
    }

    /// Inputs that brought out something new, in the order in which they were made.
    pub(super) fn found(&self) -> &[Vec<u8>] {
        &self.corpus[self.seeds..]
    }

    /// Whether an input brings out something new.
    fn feed(&mut self, input: &[u8]) -> Result<bool, Failure> {
        self.tried += 1;
        let (_, features) = self.timed(input)?;
        let mut new = false;
        for feature in features {
            let mut hasher = DefaultHasher::new();
            feature.hash(&mut hasher);
            new |= self.seen.insert(hasher.finish());
        }
        Ok(new)
    }

    fn timed(&self, input: &[u8]) -> Result<(Duration, Vec<String>), Failure> {
        if let Some(last) = &self.last {
            std::fs::write(last, input).unwrap();
        }
        let begun = worked();
        let done = catch_unwind(AssertUnwindSafe(|| features(self.kind, input, self.registry)));
        let took = worked().saturating_sub(begun);
        let fail = |why: String| Failure { why, input: input.to_vec() };
        match done {
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                Err(fail(format!("a panic: {}", text.unwrap_or_default())))
            }
            Ok(_) if took > PATIENCE => Err(fail(format!("{took:?} for {} bytes", input.len()))),
            Ok(features) => Ok((took, features)),
        }
    }

    /// Whether twice the input takes about twice as long.
    fn growth(&mut self, input: &[u8]) -> Result<(), Failure> {
        let size = if self.kind == Kind::Path { 4 * 1024 } else { 32 * 1024 };
        let Some(sizes) = grown(self.kind, input, size, &mut self.dice) else { return Ok(()) };
        self.grown += 1;
        let [one, two, four] = &sizes;
        if self.timed(two)?.0 < NOTICEABLE {
            return Ok(());
        }
        // twice over, and three times, so that a busy machine is not taken for a slow program
        for _ in 0..3 {
            let times = [self.best(one)?, self.best(two)?, self.best(four)?].map(|time| time.as_secs_f64());
            let (first, second) = (times[1] / times[0], times[2] / times[1]);
            if first < GROWTH || second < GROWTH {
                return Ok(());
            }
        }
        let why = format!("{} bytes take more than {GROWTH} times as long as {}", four.len(), two.len());
        Err(Failure { why, input: one.clone() })
    }

    fn best(&self, input: &[u8]) -> Result<Duration, Failure> {
        let mut best = self.timed(input)?.0;
        for _ in 0..2 {
            best = best.min(self.timed(input)?.0);
        }
        Ok(best)
    }
}

/// How long this thread has had a processor, where the system tells; else what the clock says.
fn worked() -> Duration {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.as_deref().and_then(|text| text.split(' ').next()).and_then(|first| first.parse().ok());
    nanoseconds.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}

/// What an input brings out, as texts: which rules, which refusals.
fn features(kind: Kind, input: &[u8], registry: &Registry) -> Vec<String> {
    match kind {
        Kind::Json => resource(input, Format::Json, registry),
        Kind::Xml => resource(input, Format::Xml, registry),
        Kind::Path => expression(input),
    }
}

fn resource(input: &[u8], format: Format, registry: &Registry) -> Vec<String> {
    let limits = Limits { max_bytes: usize::MAX, ..Limits::default() };
    let issues = match Tree::read(input, format, &limits) {
        Ok(tree) => validate(&tree, registry, &Options::default()),
        Err(issue) => vec![issue],
    };
    let of = |issue: &cmht_gateway::model::Issue| {
        let rule = issue
            .rule
            .clone()
            .unwrap_or_else(|| issue.text.chars().filter(char::is_ascii_alphabetic).take(30).collect());
        format!("{} {} {rule}", issue.severity.code(), issue.code.code())
    };
    let mut all: Vec<_> = issues.iter().map(of).collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(64);
    all
}

fn expression(input: &[u8]) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(input) else { return Vec::new() };
    let told = |text: String| text.chars().filter(char::is_ascii_alphabetic).take(40).collect::<String>();
    let program = match Program::compile(text) {
        Ok(program) => program,
        Err(why) => return vec![told(why.to_string())],
    };
    let tree = Tree::read(RESOURCE, Format::Json, &Limits::default()).unwrap();
    let root = tree.root();
    assert_eq!(root.resource_type(), Name::PATIENT);
    let scope = Scope { context: Node::resource(root), resource: root, root, host: &Alone, now: None };
    let checked = told(format!("{:?}", program.check(&scope)));
    let items = match program.evaluate(&scope) {
        Ok(items) => format!("{}", items.len().min(12)),
        Err(fault) => told(fault.to_string()),
    };
    vec![format!("{checked} {items}")]
}
