//! Settings → the parts of an investigation: source, judge, enforcer, journal, and the engine over them. Here, and
//! nowhere else, a setting meets the implementation that it configures.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ArgMatches;
use jiff::Timestamp;

use super::failure::{Failure, OrFail as _};
use super::nosource::NoSource;
use super::timerange::Range;
use super::{Run, ancestors, environment, timerange};
use crate::config::{JudgeKind, Secret, Settings, paths, table};
use crate::detect::gates::GateLimits;
use crate::detect::replay::Thresholds;
use crate::dns;
use crate::enforce::rehearsal::Rehearsal;
use crate::enforce::{Enforcer, crowdsec};
use crate::engine::detection::Recollection;
use crate::engine::forest::Forest;
use crate::engine::{Engine, EngineSettings};
use crate::journal::{Actor, Journal, JournalError};
use crate::judge::Judge;
use crate::judge::fallback::WithFallback;
use crate::judge::offline::Offline;
use crate::judge::ollama::{self, Ollama};
use crate::logs::files::{self, FileSource};
use crate::logs::victorialogs::{self, Auth, VictoriaLogs};
use crate::logs::{FieldMap, LogSource, SourceError, Window};
use crate::net::{Address, Tls};
use crate::policy::{self, Rules};
use crate::text::{Say as _, escape};

mod lists;

pub use lists::{baselines, checked, rule_set};

/// Whether a query on standard input waits for its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// A one-shot command reads all of it.
    ForStdin,
    /// The console reads what has arrived.
    Not,
}

/// All parts, wired by the settings. `given` are the files named on the command line.
pub async fn engine(run: &Run, given: &[String], waits: Waits) -> Result<Engine, Failure> {
    let source = source(run, given, waits).await?;
    let (enforcer, journal) = enforcer(run)?;
    assemble(run, source, judge(run)?, enforcer, journal).await
}

/// The parts for a look at a log, in which nobody is acted on: where the journal cannot be opened it is done without, and
/// that is said.
pub async fn engine_to_look(run: &Run, given: &[String], waits: Waits) -> Result<Engine, Failure> {
    let source = source(run, given, waits).await?;
    let journal = match Journal::open(journal_path(run)?) {
        Err(error @ JournalError::Open { .. }) => {
            run.note(&say::nothing_kept(run.lang, &error.say(run.lang)));
            Arc::new(Journal::unkept().or_fail(run.lang)?)
        }
        opened => told(run, opened.or_fail(run.lang)?),
    };
    let enforcer = enforcer_with(run, &journal)?;
    assemble(run, source, judge(run)?, enforcer, journal).await
}

/// The parts for an act. Where the source cannot be reached, the act is done without knowing whom it would have hit.
pub async fn engine_for_acts(run: &Run) -> Result<Engine, Failure> {
    let source = match find_source(run, &[], Waits::Not).await? {
        Ok(source) => source,
        Err(error) => Arc::new(NoSource(error)),
    };
    let (enforcer, journal) = enforcer(run)?;
    assemble(run, source, judge(run)?, enforcer, journal).await
}

/// An engine over parts that are there already: the demo brings its own enforcer and journal.
pub async fn assemble(
    run: &Run,
    source: Arc<dyn LogSource>,
    judge: Arc<dyn Judge>,
    enforcer: Arc<dyn Enforcer>,
    journal: Arc<Journal>,
) -> Result<Engine, Failure> {
    let hosts = [source.info().hosts, judge.hosts(), enforcer.hosts()].concat();
    let settings = Arc::new(engine_settings(run, resolved(&hosts).await)?);
    Ok(Engine { source, judge, enforcer, journal, settings, recollection: Arc::default() })
}

/// The source: the files given, else those of the settings, else the server of the settings, else one on this host.
pub async fn source(run: &Run, given: &[String], waits: Waits) -> Result<Arc<dyn LogSource>, Failure> {
    let is_set = is_source_set(run, given);
    find_source(run, given, waits).await?.map_err(|error| {
        let cause = error.say(run.lang);
        Failure::failed(if is_set { cause } else { say::no_source(run.lang, &cause) })
    })
}

fn is_source_set(run: &Run, given: &[String]) -> bool {
    let source = &run.loaded.settings.source;
    !given.is_empty() || !source.files.is_empty() || source.url.is_some()
}

/// The outer error is a mistake in the settings, the inner one a source that is not there.
async fn find_source(
    run: &Run,
    given: &[String],
    waits: Waits,
) -> Result<Result<Arc<dyn LogSource>, SourceError>, Failure> {
    let settings = &run.loaded.settings;
    let inputs = if given.is_empty() { settings.source.files.clone() } else { given.to_vec() };
    if !inputs.is_empty() {
        let memory = match usize::try_from(settings.source.memory) {
            Ok(0) | Err(_) => files::memory::quarter(),
            Ok(mebibytes) => mebibytes << 20,
        };
        let options = files::Options {
            inputs,
            query_memory: memory,
            // A command that asks once does not get its lines back.
            index_memory: if waits == Waits::Not { memory } else { 0 },
            format: settings.source.format,
            fields: fields(run),
            trusted_proxies: settings.clients.trusted_proxies.clone(),
            wait_for_stdin: waits == Waits::ForStdin,
            ..files::Options::default()
        };
        let source = FileSource::open(options);
        return Ok(source.map(|source| Arc::new(source) as Arc<dyn LogSource>));
    }
    let server = Arc::new(VictoriaLogs::new(&server_options(run)?).or_usage(run.lang)?);
    if settings.source.url.is_some() {
        return Ok(Ok(server));
    }
    // Nothing is set: the default port of this host is tried, and what was found is said.
    Ok(server.status().await.map(|status| {
        let detail = escape::visible(&status.detail.join(", ")).into_owned();
        run.note(&say::found_server(run.lang, &server.info().label, &detail));
        server as Arc<dyn LogSource>
    }))
}

/// The server of the settings.
fn server_options(run: &Run) -> Result<victorialogs::Options, Failure> {
    let lang = run.lang;
    let source = &run.loaded.settings.source;
    let reveal = |secret: &Option<Secret>| secret.as_ref().map(Secret::reveal).transpose().or_usage(lang);
    let address = Address::parse(source.url.as_deref().unwrap_or(victorialogs::DEFAULT_URL)).or_usage(lang)?;
    let auth = match (reveal(&source.bearer)?, reveal(&source.password)?) {
        (Some(token), _) => Auth::Bearer(token),
        (None, None) if source.user.is_empty() => Auth::None,
        (None, password) => Auth::Basic { user: source.user.clone(), password: password.unwrap_or_default() },
    };
    let mut headers = Vec::new();
    for header in &source.headers {
        headers.push((header.name.clone(), header.value.reveal().or_usage(lang)?));
    }
    let has_tenant = source.account_id != 0 || source.project_id != 0;
    Ok(victorialogs::Options {
        auth,
        headers,
        account_id: has_tenant.then_some(source.account_id),
        project_id: has_tenant.then_some(source.project_id),
        tls: Tls {
            ca_file: source.ca.clone(),
            client_certificate: source.client_cert.clone(),
            client_key: source.client_key.clone(),
        },
        timeout: source.timeout,
        base_filter: run.loaded.settings.general.base_filter.clone(),
        fields: fields(run),
        ..victorialogs::Options::new(address)
    })
}

/// The judge. Under `auto` the offline judge answers where the model does not.
pub fn judge(run: &Run) -> Result<Arc<dyn Judge>, Failure> {
    let settings = &run.loaded.settings.judge;
    if settings.kind == JudgeKind::Offline {
        return Ok(Arc::new(Offline));
    }
    let model = Ollama::new(ollama::Options {
        url: settings.url.clone(),
        model: settings.model.clone(),
        num_ctx: settings.num_ctx,
        num_predict: settings.num_predict,
        temperature: settings.temperature,
        seed: settings.seed,
        keep_alive: settings.keep_alive,
        timeout: settings.timeout,
    });
    let model = Arc::new(model.or_usage(run.lang)?);
    Ok(if settings.kind == JudgeKind::Auto { Arc::new(WithFallback::new(model)) } else { model })
}

/// The journal: the file of the settings, else the default place. A damaged one that was set aside is told.
pub fn journal(run: &Run) -> Result<Arc<Journal>, Failure> {
    Ok(told(run, Journal::open(journal_path(run)?).or_fail(run.lang)?))
}

fn told(run: &Run, journal: Journal) -> Arc<Journal> {
    if let Some(set_aside) = journal.set_aside() {
        run.note(&set_aside.say(run.lang));
    }
    Arc::new(journal)
}

/// Where the journal lies.
pub fn journal_path(run: &Run) -> Result<PathBuf, Failure> {
    let default = || paths::state_dir(&environment).map(|dir| dir.join("journal.db"));
    let path = run.loaded.settings.journal.path.clone().or_else(default);
    path.ok_or_else(|| Failure::usage(say::no_state(run.lang)))
}

/// The enforcer by the settings, and the journal that a rehearsal keeps its decisions in. A rehearsal asks the LAPI
/// where there are credentials for one, and does without it otherwise.
pub fn enforcer(run: &Run) -> Result<(Arc<dyn Enforcer>, Arc<Journal>), Failure> {
    let journal = journal(run)?;
    Ok((enforcer_with(run, &journal)?, journal))
}

fn enforcer_with(run: &Run, journal: &Arc<Journal>) -> Result<Arc<dyn Enforcer>, Failure> {
    Ok(match (lapi(run), run.loaded.settings.general.dry_run) {
        (Ok(lapi), false) => lapi,
        (Ok(lapi), true) => Arc::new(Rehearsal::in_front_of(lapi, Arc::clone(journal))),
        (Err(_), true) if !is_lapi_set(run) => Arc::new(Rehearsal::new(Arc::clone(journal))),
        (Err(failure), _) => return Err(failure),
    })
}

/// Whether the settings name a LAPI, so that a mistake in them is one, and not a host without CrowdSec.
pub fn is_lapi_set(run: &Run) -> bool {
    let defaults = Settings::default();
    let names = ["crowdsec.credentials", "crowdsec.url", "crowdsec.machine", "crowdsec.password"];
    names.into_iter().filter_map(table::find).any(|setting| {
        let items = (setting.items)(&run.loaded.settings);
        items != (setting.items)(&defaults) && !items.concat().is_empty()
    })
}

/// The client of the LAPI: the credentials file, and what the settings say over it. Nothing is sent.
pub fn lapi(run: &Run) -> Result<Arc<dyn Enforcer>, Failure> {
    let settings = &run.loaded.settings.crowdsec;
    let password = settings.password.as_ref().map(Secret::reveal).transpose().or_usage(run.lang)?;
    let mut options = match (&settings.url, &settings.machine, password) {
        (Some(url), Some(machine), Some(password)) => crowdsec::Options::new(url, machine, password),
        (url, machine, password) => {
            let path = settings.credentials.clone().ok_or_else(|| Failure::usage(say::no_credentials(run.lang)))?;
            let mut options = crowdsec::Options::from_credentials_file(path).or_usage(run.lang)?;
            options.url = url.clone().unwrap_or(options.url);
            options.machine = machine.clone().unwrap_or(options.machine);
            options.password = password.unwrap_or(options.password);
            options
        }
    };
    options.ca = settings.ca.clone().or(options.ca);
    options.timeout = settings.timeout;
    Ok(Arc::new(crowdsec::Client::new(&options).or_usage(run.lang)?))
}

/// The settings of the engine. `services` are the addresses of source, model and LAPI.
fn engine_settings(run: &Run, services: Vec<IpAddr>) -> Result<EngineSettings, Failure> {
    let settings = &run.loaded.settings;
    let (general, rules) = (&settings.general, &settings.policy);
    Ok(EngineSettings {
        lang: run.lang,
        base_filter: general.base_filter.clone(),
        sshd: settings.detect.sshd.clone(),
        window: general.window,
        window_end: None,
        gates: self::gates(run),
        thresholds: self::thresholds(run),
        rule_set: rule_set(run)?,
        baselines: Arc::new(baselines(run)?),
        forest: Arc::new(the_forest(run)),
        resolver: settings.detect.verify_by_dns.then(|| Arc::new(dns::System::default()) as Arc<dyn dns::Resolver>),
        max_table_rows: general.max_table_rows,
        max_candidates: general.max_candidates,
        remedy: settings.crowdsec.remedy.clone(),
        ban_duration: general.ban_duration,
        trust_offline: rules.trust_offline,
        trust_score: rules.trust_score,
        rules: Rules {
            allow_list: settings.clients.allow_list.clone(),
            trusted_proxies: settings.clients.trusted_proxies.clone(),
            operator: operator(),
            host: host_addresses(),
            services,
            max_prefix_v4: rules.max_prefix_v4,
            max_prefix_v6: rules.max_prefix_v6,
            max_new_bans: general.max_candidates,
            max_client_share: rules.max_client_share,
            min_confidence: rules.min_confidence,
            max_innocent_share: rules.max_innocent_share,
            dedup: general.dedup,
        },
    })
}

/// From which probability on a score leads to what.
pub fn thresholds(run: &Run) -> Thresholds {
    let detect = &run.loaded.settings.detect;
    Thresholds { watch: detect.watch, ask: detect.ask, act: detect.act }
}

/// The thresholds of the gates.
pub fn gates(run: &Run) -> GateLimits {
    let gates = &run.loaded.settings.gates;
    GateLimits {
        min_requests: gates.min_requests,
        min_4xx_ratio: gates.min_4xx_ratio,
        min_5xx: gates.min_5xx,
        min_499: gates.min_499,
        min_paths: gates.min_paths,
    }
}

/// The isolation forest with the model that is there. A model that cannot be used is said, and done without.
pub fn the_forest(run: &Run) -> Forest {
    let settings = &run.loaded.settings.forest;
    let model = match super::forest::model_if_there(run) {
        Ok(model) => model,
        Err(Failure::Message(_, message)) => {
            run.note(&message);
            None
        }
        Err(Failure::BrokenPipe) => None,
    };
    Forest::new(super::forest::path(run).ok(), settings.since, settings.retrain, model)
}

/// The range of a run over an engine's source: what the flags ask for, else all that a file has, else the last
/// minutes. A file's range is looked up, so that a histogram over it has sensible steps.
pub async fn window(run: &Run, engine: &Engine, matches: &ArgMatches, now: Timestamp) -> Result<Window, Failure> {
    let is_files = engine.source.info().kind != "victorialogs";
    let window = timerange::of_run(run, matches, is_files, now)?;
    if window != timerange::WHOLE {
        return Ok(window);
    }
    let span = timerange::span(engine.source.as_ref()).await.or_fail(run.lang)?;
    Ok(span.unwrap_or_else(|| Window::ending(now, run.loaded.settings.general.window)))
}

/// The engine for a look at a range: at one that is over it remembers nothing of other runs, and leaves nothing to them.
pub fn looking_at(engine: Engine, range: Range) -> Engine {
    if range.end.is_none() {
        return engine;
    }
    Engine { recollection: Arc::new(Recollection::of_its_own()), ..engine }
}

/// Who does something, for the record: the user behind `sudo` too, and where they come from.
pub fn actor() -> Actor {
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().filter_map(environment).find(|name| !name.is_empty());
    let user = named.unwrap_or_else(user_of_process);
    let from = operator().first().map_or_else(String::new, IpAddr::to_string);
    Actor { user, from }
}

/// The name of the process's user in `/etc/passwd`, or its number: a cron job has none of the variables.
fn user_of_process() -> String {
    let uid = rustix::process::getuid().as_raw().to_string();
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let line = passwd.lines().find(|line| line.split(':').nth(2) == Some(&uid));
    line.and_then(|line| line.split(':').next()).map_or_else(|| format!("uid {uid}"), str::to_owned)
}

/// The addresses that the operator comes from, under `sudo` too.
fn operator() -> Vec<IpAddr> {
    let (connections, clients) = (ancestors::values("SSH_CONNECTION"), ancestors::values("SSH_CLIENT"));
    let connections = connections.iter().map(|connection| policy::ssh_client(Some(connection), None));
    let clients = clients.iter().map(|client| policy::ssh_client(None, Some(client)));
    let mut addresses: Vec<IpAddr> = connections.chain(clients).flatten().collect();
    let mut seen = std::collections::HashSet::new();
    addresses.retain(|address| seen.insert(*address));
    addresses
}

/// This host's own addresses: those of its interfaces, and the one that the operator reached it at (which may be a
/// forwarded one that no interface has).
fn host_addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the addresses of this host cannot be listed");
        Vec::new()
    });
    let connections = ancestors::values("SSH_CONNECTION");
    let reached_at = connections.iter().filter_map(|connection| policy::ssh_server(Some(connection)));
    interfaces.iter().map(if_addrs::Interface::ip).chain(reached_at).collect()
}

/// The addresses of hosts. A name that does not resolve has none that could be banned by it.
async fn resolved(hosts: &[String]) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    for host in hosts {
        let host = host.trim_matches(['[', ']']);
        match tokio::net::lookup_host((host, 0)).await {
            Ok(found) => addresses.extend(found.map(|socket| socket.ip().to_canonical())),
            Err(error) => tracing::warn!(host, %error, "this host does not resolve"),
        }
    }
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// The names that the operator gave to parts.
pub fn fields(run: &Run) -> FieldMap {
    let fields = run.loaded.settings.fields.clone();
    FieldMap {
        client: fields.client,
        remote_addr: fields.remote_addr,
        forwarded_for: fields.forwarded_for,
        method: fields.method,
        uri: fields.uri,
        path: fields.path,
        query: fields.query,
        request: fields.request,
        status: fields.status,
        bytes: fields.bytes,
        duration: fields.duration,
        user_agent: fields.user_agent,
        referer: fields.referer,
        host: fields.host,
        ..FieldMap::default()
    }
}

/// The sentences.
mod say {
    crate::text::words! {
        no_credentials {
            en: "crowdsec.credentials is empty, and crowdsec.url, machine and password are not all set",
            ko: "crowdsec.credentials가 비어 있고 crowdsec.url, machine, password도 모두 설정되지 않았습니다",
        }
        no_state {
            en: "there is no home directory to keep the journal in; name a file with --journal",
            ko: "저널을 둘 홈 디렉터리가 없습니다. --journal로 파일을 지정하세요",
        }
    }
    crate::text::sentences! {
        nothing_kept(cause: &str) {
            en: "{cause} This look goes on without: no verdict and nothing that detection remembers is kept.",
            ko: "{cause} 저널 없이 계속합니다. 판정과 탐지의 기억은 남지 않습니다.",
        }
        no_source(cause: &str) {
            en: "no source is set, and the default one does not answer: {cause} Name log files (gatewatch FILE…), a server (--url), or run `gatewatch demo`.",
            ko: "소스가 설정되지 않았고 기본 서버도 응답하지 않습니다: {cause} 로그 파일(gatewatch 파일…)이나 서버(--url)를 지정하거나 `gatewatch demo`를 실행하세요.",
        }
        found_server(label: &str, detail: &str) {
            en: "no source is set; found VictoriaLogs at {label} ({detail})",
            ko: "소스가 설정되지 않아 {label}의 VictoriaLogs({detail})를 사용합니다",
        }
    }
}
