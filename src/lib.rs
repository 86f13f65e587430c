//! gatewatch: find out which address is hurting a site, what it does, and ban it through CrowdSec.
//!
//! The map, in the order in which data passes through:
//!
//! ```text
//! logs ──rows/stats──▶ detect ──suspects──▶ engine (dossier) ──▶ judge ──verdict──▶ policy ──plan──▶ (confirm)
//!      ──▶ journal: intent ──▶ enforce ──▶ journal: outcome
//! ```
//!
//! | module | what it is for | what it never does |
//! |---|---|---|
//! | [`logsql`] | the query language: tokens, tree, printer, plan, execution over rows | I/O, reading a clock |
//! | [`logs`] | where rows come from: a VictoriaLogs server, files, standard input | decide anything |
//! | [`detect`] | who the client is, which gates it passes: suspects with evidence | I/O, reading a clock |
//! | [`judge`] | asks a model, or the rules alone, what a dossier means | choose whom to ban |
//! | [`policy`] | the only maker of plans: who may be banned, for how long, why | I/O, reading a clock |
//! | [`enforce`] | carries a plan to CrowdSec, or rehearses it | act without a plan |
//! | [`journal`] | SQLite: intents before acts, outcomes after, verdicts, queries | hold secrets |
//! | [`engine`] | survey → judge → decide → enforce → record over the traits | name a server |
//! | [`auto`] | the same without a screen: schedule, lock, signals | open a terminal |
//! | [`net`] | one HTTP client for the log server, the LAPI and the model: TLS, proxies, no secrets said | send anything itself |
//! | [`dns`] | names and addresses by this host's resolver | be asked unless the settings say so |
//! | `tui` | the console (feature `tui`) | block the keyboard |
//! | [`cli`] | the command line: a mode and an exit code | hold logic of its own |
//! | [`config`] | every setting, its default, its place in file, environment and flags | guess |
//! | [`library`] | saved queries: those that ship and the person's own | run one |
//! | [`text`] | every sentence a person reads, English and Korean; escaping of hostile text | know a terminal |
//! | [`sim`] | labelled traffic for demo, tests and benchmarks | run in production |

pub mod auto;
pub mod cli;
pub mod config;
pub mod detect;
pub mod dns;
pub mod enforce;
pub mod engine;
pub mod journal;
pub mod judge;
pub mod library;
pub mod logs;
pub mod logsql;
pub mod net;
pub mod policy;
pub mod sim;
pub mod text;
#[cfg(feature = "tui")]
pub mod tui;
