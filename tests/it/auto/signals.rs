//! Being told to stop, the lock, and one cycle after another.

use std::sync::{Arc, OnceLock};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;

use crate::support::crowdsec::Server;
use crate::support::in_time;
use crate::support::ollama::{Chat, Ollama, Step, token};
use crate::support::proxy::{Proxy, Then, When};
use crate::support::shop::{SCANNER, judges};

use super::{Ran, Site, banned};

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap()
}

/// A site whose model never ends its answer, so that the program is where the test wants it.
async fn hanging() -> (Ollama, Site) {
    let ollama = Ollama::start(|_, _| Chat::Stream(vec![token("{"), Step::Hang])).await;
    let site = Site::new(&ollama.url, "http://127.0.0.1:1");
    (ollama, site)
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_the_act_in_flight_and_begins_no_other() {
    let Some(server) = Server::start() else { return };
    let ollama = Ollama::start(judges).await;
    let proxy = Proxy::before(&server.url()).await;
    let site = Site::new(&ollama.url, &proxy.url());
    let told: Arc<OnceLock<Pid>> = Arc::default();
    let victim = Arc::clone(&told);
    proxy.at("POST /v1/alerts", 0, When::Before, Then::PassOn, move || {
        kill_process(*victim.wait(), Signal::TERM).unwrap();
        // The signal is there before the ban is.
        std::thread::sleep(std::time::Duration::from_millis(200));
    });
    let child = site.start(&[]);
    told.set(pid(&child)).unwrap();
    let ran = Ran::ended(child).await;
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert_eq!((ran.fate(SCANNER), &ran.report["stopped"]), ("enforced", &true.into()));
    assert_eq!(banned(&server), [SCANNER]);
    assert_eq!(site.journal().open_intents().unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_while_the_model_speaks_hangs_up_and_ends() {
    for signal in [Signal::INT, Signal::TERM] {
        let (ollama, site) = hanging().await;
        let child = site.start(&["--dry-run=true"]);
        ollama.chats(1).await;
        kill_process(pid(&child), signal).unwrap();
        let ran = Ran::ended(child).await;
        assert_eq!((ran.code, &ran.report["stopped"]), (Some(130), &true.into()), "{ran:?}");
        ollama.hung_up(1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_on_the_same_journal_is_told_who_has_the_lock() {
    let (ollama, site) = hanging().await;
    let child = site.start(&[]);
    ollama.chats(1).await;
    let second = site.run(&[]).await;
    assert_eq!(second.code, Some(75), "{second:?}");
    assert!(second.error.contains(&format!("process {}", child.id().unwrap())), "{second:?}");
    kill_process(pid(&child), Signal::KILL).unwrap();
    Ran::ended(child).await;
    // The kernel lets go of it with the process.
    let site = Site { ollama: "http://127.0.0.1:1".to_owned(), ..site };
    assert_eq!(site.run(&[]).await.code, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_repeats_on_the_clock_until_it_is_told_to_stop() {
    let ollama = Ollama::start(judges).await;
    let site = Site::new(&ollama.url, "http://127.0.0.1:1");
    for (every, cycles, signal, code) in [("1h", 1, Signal::TERM, 0), ("1s", 3, Signal::INT, 130)] {
        // The last minutes, where a recorded log has nothing.
        let mut child = site.program(&["-o", "json", "--every", every, "--dry-run=true"]).spawn().unwrap();
        let mut reports = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut started = Vec::new();
        for _ in 0..cycles {
            let line = in_time("a cycle's report", reports.next_line()).await.unwrap().unwrap();
            let report: serde_json::Value = serde_json::from_str(&line).unwrap();
            started.push(report["started"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap());
        }
        for pair in started.windows(2) {
            let late = pair[1].subsec_millisecond();
            assert!(late < 500, "{started:?} is not on the second");
        }
        kill_process(pid(&child), signal).unwrap();
        let status = in_time("its end", child.wait()).await.unwrap();
        assert_eq!(status.code(), Some(code), "--every {every}");
    }
}
