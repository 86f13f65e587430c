//! `gatewatch man` and `gatewatch completions`: both derive from the command line's declaration.

use std::io::Write as _;
use std::path::Path;

use clap::{ArgMatches, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::table;
use crate::detect::rules;
use crate::text::{Lang, escape};

/// Prints the manual page, or writes one page per command into a directory.
pub fn man(lang: Lang, matches: &ArgMatches) -> Result<Exit, Failure> {
    let mut root = args::command(lang);
    root.build();
    match matches.get_one::<String>("dir") {
        Some(dir) => write_all(&root, Path::new(dir), lang)
            .map_err(|error| Failure::failed(say::cannot_write(lang, &escape::visible(dir), &error.to_string())))?,
        None => std::io::stdout().write_all(&page(&root, lang)?)?,
    }
    Ok(Exit::Done)
}

/// Prints the completions for a shell.
pub fn completions(lang: Lang, matches: &ArgMatches) -> Result<Exit, Failure> {
    if let Some(shell) = matches.get_one::<clap_complete::Shell>("SHELL") {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut args::command(lang), "gatewatch", &mut script);
        std::io::stdout().write_all(&script)?;
    }
    Ok(Exit::Done)
}

fn write_all(command: &Command, dir: &Path, lang: Lang) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    std::fs::write(dir.join(format!("{name}.1")), page(command, lang)?)?;
    command.get_subcommands().try_for_each(|sub| write_all(sub, dir, lang))
}

/// One page. The root's has the exit codes, and every setting with its variable.
fn page(command: &Command, lang: Lang) -> std::io::Result<Vec<u8>> {
    let is_root = command.get_name() == "gatewatch";
    let command = command.clone().after_help("").after_long_help("");
    let man = Man::new(command.clone()).manual("gatewatch");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    if is_root {
        settings_section(lang).to_writer(&mut page)?;
        rules_section(lang).to_writer(&mut page)?;
        exit_section(lang).to_writer(&mut page)?;
    }
    Ok(headings(&String::from_utf8_lossy(&page), lang).into_bytes())
}

fn settings_section(lang: Lang) -> Roff {
    let mut roff = Roff::default();
    roff.control("SH", [say::settings(lang)]);
    roff.text([roman(say::settings_intro(lang))]);
    let defaults = crate::config::Settings::default();
    for setting in table::all() {
        roff.control("TP", []);
        roff.text([bold(setting.name), roman(format!(" = {}", setting.toml(&defaults)))]);
        let variables: Vec<String> = crate::config::variables(setting).into_iter().map(|(name, _)| name).collect();
        roff.text([roman(format!("{} ({})", (setting.doc)(lang), variables.join(", ")))]);
    }
    roff
}

/// How rules of one's own are written: the template as it is printed, without the marks of comments.
fn rules_section(lang: Lang) -> Roff {
    let mut roff = Roff::default();
    roff.control("SH", [say::rules(lang)]);
    roff.control("nf", []);
    for line in rules::template(lang).lines() {
        let line = line.strip_prefix("# ").or_else(|| line.strip_prefix('#')).unwrap_or(line);
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff
}

fn exit_section(lang: Lang) -> Roff {
    let mut roff = Roff::default();
    roff.control("SH", [say::exit_status(lang)]);
    for exit in Exit::ALL {
        roff.control("TP", []);
        roff.text([bold(exit.code().to_string())]);
        roff.text([roman(exit.meaning(lang))]);
    }
    roff
}

/// The headings that the generator writes in English, in `lang`.
fn headings(page: &str, lang: Lang) -> String {
    let lines = page.lines().map(|line| match (lang, line) {
        (Lang::Ko, ".SH NAME") => ".SH 이름",
        (Lang::Ko, ".SH SYNOPSIS") => ".SH 개요",
        (Lang::Ko, ".SH DESCRIPTION") => ".SH 설명",
        (Lang::Ko, ".SH OPTIONS") => ".SH 옵션",
        (Lang::Ko, ".SH SUBCOMMANDS") => ".SH 명령",
        (_, line) => line,
    });
    lines.map(|line| format!("{line}\n")).collect()
}

/// The words.
mod say {
    crate::text::words! {
        settings { en: "SETTINGS", ko: "설정" }
        settings_intro {
            en: "In the settings file, by --set NAME=VALUE, or by the variables in brackets, the first of which wins.",
            ko: "설정 파일, --set 이름=값, 또는 괄호 안의 환경 변수(앞의 것이 우선)로 지정합니다.",
        }
        rules { en: "RULES OF YOUR OWN", ko: "직접 만드는 규칙" }
        exit_status { en: "EXIT STATUS", ko: "종료 코드" }
    }
    crate::text::sentences! {
        cannot_write(dir: &str, cause: &str) { en: "{dir} cannot be written: {cause}", ko: "{dir}에 쓸 수 없습니다: {cause}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_every_setting_every_command_and_every_exit_code() {
        for lang in [Lang::En, Lang::Ko] {
            let mut root = args::command(lang);
            root.build();
            let page = String::from_utf8(page(&root, lang).unwrap()).unwrap();
            for setting in table::all() {
                assert!(page.contains(&setting.variable()), "{}", setting.name);
            }
            assert!(page.contains("severity") && page.contains("old\\-shop\\-admin"), "{page}");
            for exit in Exit::ALL {
                assert!(page.contains(exit.meaning(lang)));
            }
            for command in root.get_subcommands() {
                assert!(page.contains(&format!("gatewatch\\-{}", command.get_name())), "{}", command.get_name());
            }
        }
    }
}
