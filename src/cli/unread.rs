//! What is said of lines of a file that are no rows of its format: nothing is left out in silence.

use super::Run;
use crate::logs::LogSource;
use crate::text::escape;

/// Says how many lines of the files could not be parsed, with the first of them.
pub async fn say(run: &Run, source: &dyn LogSource) {
    if source.info().kind == "victorialogs" {
        return;
    }
    if let Ok(status) = source.status().await
        && status.unparsed_lines > 0
    {
        let first = status.unparsed_samples.first().map(|sample| escape::visible(sample).into_owned());
        run.note(&words::unparsed(run.lang, status.unparsed_lines, &first.unwrap_or_default()));
    }
}

/// The sentences.
mod words {
    crate::text::sentences! {
        unparsed(lines: u64, first: &str) {
            en: "lines that could not be parsed and were taken as plain text: {lines}; the first: {first}",
            ko: "{lines}줄은 해석하지 못해 일반 텍스트로 다뤘습니다. 첫 줄: {first}",
        }
    }
}
