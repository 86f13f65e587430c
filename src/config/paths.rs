//! The places of the XDG base directory specification: where settings, the journal and the user's own queries lie.
//! The environment comes as a function; a relative `XDG_…` value is ignored, as the specification asks.

use std::path::PathBuf;

/// Reads a variable.
type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// `$XDG_CONFIG_HOME/gatewatch/config.toml`.
pub fn config_file(env: Env<'_>) -> Option<PathBuf> {
    base(env, "XDG_CONFIG_HOME", ".config").map(|dir| dir.join("config.toml"))
}

/// `$XDG_CONFIG_HOME/gatewatch`: the user's own themes and queries lie here too.
pub fn config_dir(env: Env<'_>) -> Option<PathBuf> {
    base(env, "XDG_CONFIG_HOME", ".config")
}

/// `$XDG_STATE_HOME/gatewatch`: the journal and the log of the console.
pub fn state_dir(env: Env<'_>) -> Option<PathBuf> {
    base(env, "XDG_STATE_HOME", ".local/state")
}

/// `$XDG_DATA_HOME/gatewatch`.
pub fn data_dir(env: Env<'_>) -> Option<PathBuf> {
    base(env, "XDG_DATA_HOME", ".local/share")
}

fn base(env: Env<'_>, variable: &str, below_home: &str) -> Option<PathBuf> {
    let given = env(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    given.or_else(|| home(env).map(|home| home.join(below_home))).map(|dir| dir.join("gatewatch"))
}

fn home(env: Env<'_>) -> Option<PathBuf> {
    env("HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_of_the_specification_decide() {
        let env = |name: &str| match name {
            "XDG_CONFIG_HOME" => Some("/etc/xdg".to_owned()),
            "XDG_STATE_HOME" => Some("relative".to_owned()),
            "HOME" => Some("/home/lee".to_owned()),
            _ => None,
        };
        assert_eq!(config_file(&env), Some("/etc/xdg/gatewatch/config.toml".into()));
        assert_eq!(state_dir(&env), Some("/home/lee/.local/state/gatewatch".into()));
        assert_eq!(data_dir(&env), Some("/home/lee/.local/share/gatewatch".into()));
    }
}
