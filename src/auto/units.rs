//! The systemd units of an unattended gatewatch: a service that runs one cycle, and a timer that starts it. Text only:
//! nothing is installed.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// Both units, each under a line that names its file, to be looked at, changed and copied by a person.
///
/// `arguments` are added to `--auto`; the journal lies in `/var/lib/gatewatch` unless they name another.
pub fn units(program: &Path, arguments: &[String], every: Duration) -> String {
    let command: Vec<String> =
        [program.display().to_string(), "--auto".to_owned()].iter().chain(arguments).map(|word| quoted(word)).collect();
    let mut timer = String::new();
    match calendar(every) {
        // Writing to a String cannot fail.
        Some(calendar) => drop(writeln!(timer, "OnCalendar={calendar}")),
        None => drop(writeln!(timer, "OnBootSec=1min\nOnUnitActiveSec={}s", every.as_secs().max(1))),
    }
    format!(
        "\
# /etc/systemd/system/gatewatch.service
[Unit]
Description=gatewatch: one unattended look at who hurts this site
Wants=network-online.target
After=network-online.target crowdsec.service

[Service]
Type=oneshot
ExecStart={command}
# 10 is a rehearsal that would have acted.
SuccessExitStatus=10
Environment=XDG_STATE_HOME=/var/lib
StateDirectory=gatewatch
StateDirectoryMode=0700
# The act in flight is ended first; CrowdSec's answer is waited for so long at most.
TimeoutStopSec=60
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictSUIDSGID=yes
LockPersonality=yes

# /etc/systemd/system/gatewatch.timer
[Unit]
Description=gatewatch on the clock

[Timer]
{timer}AccuracySec=1s

[Install]
WantedBy=timers.target
",
        command = command.join(" "),
    )
}

/// An interval that divides the hour or the day, as a calendar event; `None` for any other.
fn calendar(every: Duration) -> Option<String> {
    let minutes = every.as_secs() / 60;
    match minutes {
        _ if every.as_secs() == 0 || !every.as_secs().is_multiple_of(60) => None,
        1..60 if 60 % minutes == 0 => Some(format!("*:0/{minutes}")),
        60.. if minutes.is_multiple_of(60) && 24 % (minutes / 60).max(1) == 0 => {
            Some(if minutes == 24 * 60 { "daily".to_owned() } else { format!("0/{}:00", minutes / 60) })
        }
        _ => None,
    }
}

/// A word of a command line as systemd reads it back: quoted where it has to be, `%` and `$` doubled.
fn quoted(word: &str) -> String {
    let doubled = word.replace('%', "%%").replace('$', "$$");
    let is_plain = |c: char| c.is_alphanumeric() || "/._-=:,@%$+".contains(c);
    if !doubled.is_empty() && doubled.chars().all(is_plain) {
        return doubled;
    }
    let escaped = doubled.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_on_the_clock_are_calendar_events() {
        let minutes = |count: u64| Duration::from_secs(60 * count);
        for (every, expected) in [
            (minutes(5), Some("*:0/5")),
            (minutes(1), Some("*:0/1")),
            (minutes(60), Some("0/1:00")),
            (minutes(240), Some("0/4:00")),
            (minutes(24 * 60), Some("daily")),
            (minutes(7), None),
            (minutes(90), None),
            (minutes(48 * 60), None),
            (Duration::from_secs(90), None),
            (Duration::ZERO, None),
        ] {
            assert_eq!(calendar(every).as_deref(), expected, "{every:?}");
        }
    }

    #[test]
    fn words_are_quoted_for_systemd() {
        for (word, expected) in [
            ("--profile", "--profile"),
            ("/opt/my tools/gatewatch", "\"/opt/my tools/gatewatch\""),
            ("100%", "100%%"),
            ("$HOME\"", "\"$$HOME\\\"\""),
            ("a\nExecStartPre=x", "\"a\\nExecStartPre=x\""),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }

    #[test]
    fn the_units_name_program_arguments_and_interval() {
        let arguments = ["--profile".to_owned(), "seoul".to_owned()];
        let text = units(Path::new("/usr/local/bin/gatewatch"), &arguments, Duration::from_secs(300));
        assert!(text.contains("ExecStart=/usr/local/bin/gatewatch --auto --profile seoul\n"));
        assert!(text.contains("OnCalendar=*:0/5\nAccuracySec=1s"));
        assert!(units(Path::new("g"), &[], Duration::from_secs(420)).contains("OnUnitActiveSec=420s\n"));
    }
}
