//! `gatewatch suspects --by cost`: what clients cost against their share of the requests.

use super::Run;
use super::failure::{Failure, OrFail as _};
use super::output::{Column, Format, number, text};
use crate::engine::Engine;
use crate::engine::costs::Priced;
use crate::logs::Window;
use crate::text::{Lang, Say as _, number as show};

/// Prints the suspects by cost, or with `all` everybody who costs most.
pub async fn print(run: &mut Run, engine: &Engine, window: Window, all: bool) -> Result<(), Failure> {
    let lang = run.lang;
    let Some(mut costs) = engine.costs(window).await.or_fail(lang)? else {
        return Err(Failure::failed(say::unknown(lang).to_owned()));
    };
    let suspects = costs.clients.iter().filter(|client| client.is_suspect()).count();
    run.note(&say::seen(lang, &show::count(costs.totals.requests), costs.totals.clients, suspects));
    costs.clients.retain(|client| all || client.is_suspect());
    match run.out.format {
        Format::Json => run.out.json(&costs)?,
        _ => run.out.list(&columns(lang), &costs.clients, |client| cells(client, lang))?,
    }
    Ok(())
}

fn columns(lang: Lang) -> [Column; 7] {
    [
        text("client", say::client(lang)),
        number("requests", say::requests(lang)),
        number("bytes", say::bytes(lang)),
        number("of_bytes", say::of_bytes(lang)),
        number("seconds", say::seconds(lang)),
        number("of_time", say::of_time(lang)),
        text("why", say::why(lang)),
    ]
}

fn cells(client: &Priced, lang: Lang) -> Vec<String> {
    let (cost, spent) = (&client.cost, &client.cost.spent);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
    let bytes = show::bytes(spent.bytes.max(0.0) as u64);
    let why = match &client.exempt {
        Some(exemption) => format!("({})", exemption.label(lang)),
        None => cost.say(lang),
    };
    vec![
        spent.client.to_string(),
        spent.requests.to_string(),
        bytes,
        show::percent(cost.of_bytes),
        format!("{:.1}", spent.seconds),
        show::percent(cost.of_time),
        why,
    ]
}

/// The sentences.
mod say {
    crate::text::words! {
        client { en: "client", ko: "클라이언트" }
        requests { en: "requests", ko: "요청" }
        bytes { en: "bytes", ko: "바이트" }
        of_bytes { en: "bytes%", ko: "바이트%" }
        seconds { en: "seconds", ko: "초" }
        of_time { en: "time%", ko: "시간%" }
        why { en: "why", ko: "이유" }
        unknown {
            en: "this log tells neither bytes nor request time: name their fields in the settings (fields.bytes, fields.duration)",
            ko: "이 로그에는 바이트도 처리 시간도 없습니다. 설정에서 필드를 지정하세요(fields.bytes, fields.duration)",
        }
    }
    crate::text::sentences! {
        seen(requests: &str, clients: u64, suspects: usize) {
            en: "{requests} requests of {clients} clients, {suspects} suspects by cost",
            ko: "클라이언트 {clients}개의 요청 {requests}건, 비용 용의자 {suspects}개",
        }
    }
}
