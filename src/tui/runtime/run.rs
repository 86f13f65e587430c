//! The loop: keys, replies, signals and a tick go into the update, effects come out, and the screen is drawn where
//! something changed, at most every 16 ms.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use color_eyre::eyre::{WrapErr as _, bail};
use crossterm::event::{Event as TerminalEvent, EventStream};
use crossterm::execute;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use futures::{FutureExt as _, StreamExt as _};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};

use super::Tasks;
use crate::engine::Engine;
use crate::tui::app::{App, Basics, Event};
use crate::tui::effect::Effect;
use crate::tui::terminal::Guard;
use crate::tui::theme::{self, Depth};
use crate::tui::work::Services;
use crate::tui::{ExitReason, TuiOptions};

/// The shortest time between two drawings.
const FRAME: Duration = Duration::from_millis(16);
/// How often time itself may change what is shown.
const TICK: Duration = Duration::from_millis(250);
/// Events taken in one go before the screen is drawn.
const BATCH: usize = 256;
/// So long the end waits for a ban in flight: longer than any time limit of the enforcer.
const LAST_ACT: Duration = Duration::from_secs(60);

/// Opens the console and runs it until the person leaves or a signal ends it.
///
/// # Errors
///
/// Where there is no terminal, or it cannot be drawn on. The terminal is given back in every case.
pub async fn run(engine: Engine, options: TuiOptions) -> color_eyre::Result<ExitReason> {
    if !io::stdout().is_terminal() {
        bail!("{}", no_terminal(options.lang));
    }
    let (basics, problems) = basics(&engine, &options).await;
    let services = Services {
        engine,
        clock: options.clock.clone(),
        actor: options.actor.clone(),
        queries_dir: options.queries_dir.clone(),
    };
    let mut signals = Signals::new().wrap_err("signals cannot be watched")?;
    let mut guard = Guard::take(options.mouse).wrap_err("the terminal cannot be taken")?;
    let size = guard.terminal.size().wrap_err("the terminal has no size")?;
    let mut tasks = Tasks::new(services);
    let (mut app, effects) = App::new(basics, options.clock.now(), size);
    if let Some(problem) = problems.first() {
        app.shared.fail(crate::text::Say::say(problem, options.lang));
    }
    tasks.apply(effects);
    let reason = turn(&mut app, &mut tasks, &mut guard, &mut signals, &options).await?;
    finish(&mut app, &mut tasks, &mut guard, &options).await;
    Ok(reason)
}

crate::text::words! {
    no_terminal {
        en: "the console needs a terminal on standard output; for a pipe use the subcommands, such as `gatewatch suspects`",
        ko: "콘솔은 표준 출력이 터미널이어야 합니다. 파이프에는 `gatewatch suspects` 같은 하위 명령을 쓰세요",
    }
}

/// What the console is made of, and themes that cannot be used.
pub(in crate::tui) async fn basics(engine: &Engine, options: &TuiOptions) -> (Basics, Vec<theme::ThemeError>) {
    let folder = options.themes_dir.clone();
    let listed = tokio::task::spawn_blocking(move || match folder {
        Some(folder) => theme::list(&folder),
        None => (theme::shipped().to_vec(), Vec::new()),
    });
    let (themes, problems) = listed.await.unwrap_or_else(|_| (theme::shipped().to_vec(), Vec::new()));
    let basics = Basics {
        lang: options.lang,
        themes,
        theme: options.theme.clone(),
        depth: options.depth.unwrap_or_else(|| Depth::detect(|name| std::env::var(name).ok())),
        zone: options.zone.clone(),
        window: options.window,
        window_end: options.window_end,
        refresh: options.refresh,
        mouse: options.mouse,
        live: engine.enforcer.is_live(),
        source: engine.source.info(),
        enforcer: engine.enforcer.label(),
        judge: engine.judge.name(),
        gates: engine.settings.gates,
        rules: engine.settings.rule_set,
        baselines: engine.settings.baselines.clone(),
        max_innocent_share: engine.settings.rules.max_innocent_share,
        ban_duration: engine.settings.ban_duration,
        remedy: engine.settings.remedy.clone(),
    };
    (basics, problems)
}

/// Signals that end the console or wake it.
struct Signals {
    terminate: Signal,
    hang_up: Signal,
    go_on: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            go_on: signal(SignalKind::from_raw(SIGCONT))?,
        })
    }
}

/// SIGCONT has no name in tokio.
const SIGCONT: i32 = rustix::process::Signal::CONT.as_raw();

/// The loop proper.
async fn turn(
    app: &mut App,
    tasks: &mut Tasks,
    guard: &mut Guard,
    signals: &mut Signals,
    options: &TuiOptions,
) -> color_eyre::Result<ExitReason> {
    let mut keys = EventStream::new();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut drawn = Instant::now() - FRAME;
    loop {
        if let Some(reason) = app.exit {
            return Ok(reason);
        }
        if app.shared.dirty && drawn.elapsed() >= FRAME {
            draw(app, guard)?;
            drawn = Instant::now();
        }
        let event = tokio::select! {
            _ = signals.terminate.recv() => Event::End(ExitReason::Terminated),
            _ = signals.hang_up.recv() => Event::End(ExitReason::HungUp),
            key = keys.next() => from_terminal(key),
            reply = tasks.next() => Event::Reply(reply),
            _ = tick.tick() => Event::Tick,
            () = sleep_until(drawn + FRAME), if app.shared.dirty => continue,
        };
        let mut effects = app.update(event, options.clock.now());
        for _ in 0..BATCH {
            let Some(event) = ready(&mut keys, tasks) else { break };
            effects.extend(app.update(event, options.clock.now()));
            if app.exit.is_some() {
                break;
            }
        }
        for effect in tasks.apply(effects) {
            on_terminal(effect, app, guard, signals).await?;
        }
    }
}

/// An event that is there already.
fn ready(keys: &mut EventStream, tasks: &mut Tasks) -> Option<Event> {
    match keys.next().now_or_never() {
        Some(key) => Some(from_terminal(key)),
        None => tasks.ready().map(Event::Reply),
    }
}

/// A terminal that is gone or cannot be read ends the console.
fn from_terminal(event: Option<io::Result<TerminalEvent>>) -> Event {
    match event {
        Some(Ok(event)) => Event::Terminal(event),
        Some(Err(_)) | None => Event::End(ExitReason::HungUp),
    }
}

fn draw(app: &mut App, guard: &mut Guard) -> io::Result<()> {
    execute!(io::stdout(), BeginSynchronizedUpdate)?;
    app.shared.dirty = false;
    guard.terminal.draw(|frame| app.draw(frame))?;
    execute!(io::stdout(), EndSynchronizedUpdate)
}

/// Effects that are the terminal's.
async fn on_terminal(effect: Effect, app: &mut App, guard: &mut Guard, signals: &mut Signals) -> io::Result<()> {
    app.shared.dirty = true;
    match effect {
        Effect::Repaint => guard.repaint(),
        Effect::Mouse(on) => guard.set_mouse(on),
        Effect::Suspend => suspend(guard, signals).await,
        Effect::Start { .. } | Effect::Cancel(_) | Effect::Act(_) => Ok(()),
    }
}

/// Gives the terminal back, stops the process group as Ctrl+Z would, and takes the terminal again once it goes on.
async fn suspend(guard: &mut Guard, signals: &mut Signals) -> io::Result<()> {
    guard.release();
    // Forget a SIGCONT of an earlier time.
    while signals.go_on.recv().now_or_never().flatten().is_some() {}
    rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
    // Where the stop was ignored (no job control) nothing continues us: then go on after a moment.
    tokio::select! {
        _ = signals.go_on.recv() => {}
        () = sleep(Duration::from_millis(300)) => {}
    }
    guard.retake()
}

/// Waits for acts in flight, so that none is cut off half way.
async fn finish(app: &mut App, tasks: &mut Tasks, guard: &mut Guard, options: &TuiOptions) {
    let deadline = Instant::now() + LAST_ACT;
    while tasks.acting() > 0 {
        // The terminal may be gone; the act goes on all the same.
        let _ = draw(app, guard);
        match tokio::time::timeout_at(deadline, tasks.next()).await {
            Ok(reply) => drop(app.update(Event::Reply(reply), options.clock.now())),
            Err(_) => break,
        }
    }
}
