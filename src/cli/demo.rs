//! `gatewatch demo`: live traffic of a small shop is written to a file, the file source follows it, the console opens
//! on it. Ollama is used where it answers, the offline judge where not; bans go to the rehearsal. Nothing is left
//! behind but the journal, which is named at the end.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::ArgMatches;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;

use super::exit::Exit;
use super::failure::{Failure, OrFail as _};
use super::timerange::Range;
use super::{Run, suspects, wiring};
use crate::config::Settings;
use crate::enforce::rehearsal::Rehearsal;
use crate::engine::{Engine, Scope};
use crate::journal::Journal;
use crate::logs::Window;
use crate::sim::Plan;
use crate::sim::live::Live;
use crate::sim::write::Format;
use crate::text::escape;

/// How much of the past the log has when the demo begins, so that the screen is never empty.
const PAST: SignedDuration = SignedDuration::from_mins(6);

/// How long ago the first attacker began: long enough to stand in the first table.
const ATTACKED_FOR: SignedDuration = SignedDuration::from_secs(150);

/// Between two steps of the traffic.
const STEP: Duration = Duration::from_millis(200);

/// Runs the demo.
pub async fn run(run: &mut Run, matches: &ArgMatches) -> Result<Exit, Failure> {
    let lang = run.lang;
    let seed = matches.get_one::<u64>("seed").copied().unwrap_or(1);
    only_the_shop(&mut run.loaded.settings);
    let place = Place::make()?;
    let writer = traffic(&place.log, seed)?;
    let engine = engine(run, &place).await?;
    let is_screen = std::io::stdout().is_terminal() && std::io::stdin().is_terminal() && !matches.get_flag("no-screen");
    let range = Range { length: run.loaded.settings.general.window, end: None };
    let done = if is_screen { super::console::open(run, engine, range).await } else { table(run, &engine).await };
    writer.abort();
    run.out.flush()?;
    let journal = escape::visible(&place.journal.display().to_string()).into_owned();
    run.note(&say::left_behind(lang, &journal));
    done
}

/// The demo's source, clients and gates are its own, whatever the settings say; what a person likes stays.
fn only_the_shop(settings: &mut Settings) {
    let defaults = Settings::default();
    settings.source = defaults.source;
    settings.fields = defaults.fields;
    settings.clients = defaults.clients;
    settings.gates = defaults.gates;
    settings.policy = defaults.policy;
    settings.general.base_filter = defaults.general.base_filter;
    settings.general.dry_run = true;
}

/// Writes the past at once, then goes on in step with the clock until it is aborted.
fn traffic(log: &Path, seed: u64) -> Result<JoinHandle<()>, Failure> {
    let now = Timestamp::now();
    let plan = Plan::new(seed, now - PAST).attacks_from(now - ATTACKED_FOR);
    let mut live = Live::create(log, Format::Timed, &plan)?;
    live.step(now)?;
    Ok(tokio::spawn(async move {
        let mut ticks = tokio::time::interval(STEP);
        loop {
            ticks.tick().await;
            if let Err(error) = live.step(Timestamp::now()) {
                tracing::error!(%error, "the demo's traffic cannot be written any more");
                return;
            }
        }
    }))
}

async fn engine(run: &Run, place: &Place) -> Result<Engine, Failure> {
    let journal = Arc::new(Journal::open(&place.journal).or_fail(run.lang)?);
    let source = wiring::source(run, &[place.log.to_string_lossy().into_owned()], wiring::Waits::Not).await?;
    let enforcer = Arc::new(Rehearsal::new(Arc::clone(&journal)));
    wiring::assemble(run, source, wiring::judge(run)?, enforcer, journal).await
}

/// Without a screen: the table once, and how to see more.
async fn table(run: &mut Run, engine: &Engine) -> Result<Exit, Failure> {
    let window = Window::ending(Timestamp::now(), run.loaded.settings.general.window);
    let survey = engine.survey(window, Scope::Passing).await.or_fail(run.lang)?;
    suspects::print(run, engine, &survey)?;
    run.note(say::in_a_terminal(run.lang));
    Ok(Exit::Done)
}

/// A folder of its own under the temporary one, readable by its owner only. The log goes when this is dropped, the
/// journal stays.
struct Place {
    log: PathBuf,
    journal: PathBuf,
}

impl Place {
    fn make() -> std::io::Result<Self> {
        let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%S").to_string();
        let folder = std::env::temp_dir().join(format!("gatewatch-demo-{stamp}-{}", std::process::id()));
        let mut builder = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // Fails where somebody else made it first, as it should.
        builder.create(&folder)?;
        Ok(Self { log: folder.join("shop-access.log"), journal: folder.join("journal.db") })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.log) {
            tracing::warn!(%error, "the demo's log could not be removed");
        }
    }
}

/// The sentences.
mod say {
    crate::text::words! {
        in_a_terminal {
            en: "this was the demo without its screen: run `gatewatch demo` in a terminal to open the console",
            ko: "화면 없이 실행한 데모입니다. 콘솔을 열려면 터미널에서 `gatewatch demo`를 실행하세요",
        }
    }
    crate::text::sentences! {
        left_behind(journal: &str) {
            en: "left behind: the journal of this demo, {journal}",
            ko: "남은 파일: 이 데모의 저널 {journal}",
        }
    }
}
