//! Draws a picture of every view from the program itself, over the simulated shop:
//!
//! ```sh
//! cargo run --example screenshots
//! ```
//!
//! The pictures go to `screenshots/` (or the folder that is named), the same bytes every time.

use std::path::{Path, PathBuf};

use color_eyre::eyre::{self, WrapErr as _};
use gatewatch::text::Lang;
use gatewatch::tui::stage::{Setting, Stage};
use gatewatch::tui::theme::Depth;

/// One picture: its name, the keys that lead to it, how large the screen is.
struct Scene {
    name: &'static str,
    /// Keys as in the table of commands; what stands in `'…'` is typed.
    keys: &'static [&'static str],
    size: (u16, u16),
    theme: &'static str,
    /// Whether fleets take part.
    fleets: bool,
}

const USUAL: (u16, u16) = (120, 36);
const SMALL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (150, 42);

const SCENES: &[Scene] = &[
    Scene { name: "suspects", keys: &[], size: USUAL, theme: "dark", fleets: false },
    Scene { name: "suspects-80x24", keys: &[], size: SMALL, theme: "dark", fleets: false },
    Scene { name: "suspects-light", keys: &[], size: USUAL, theme: "light", fleets: false },
    Scene { name: "suspects-high-contrast", keys: &[], size: USUAL, theme: "high-contrast", fleets: false },
    Scene { name: "suspects-mono", keys: &[], size: USUAL, theme: "mono", fleets: false },
    Scene { name: "dossier", keys: &["enter e"], size: WIDE, theme: "dark", fleets: false },
    Scene { name: "ban", keys: &["b"], size: USUAL, theme: "dark", fleets: false },
    Scene { name: "decisions", keys: &["b", "B", "3"], size: USUAL, theme: "dark", fleets: false },
    Scene { name: "events", keys: &["5"], size: WIDE, theme: "dark", fleets: true },
    Scene { name: "costs", keys: &["c"], size: USUAL, theme: "dark", fleets: false },
    Scene { name: "cohorts", keys: &["4"], size: WIDE, theme: "dark", fleets: true },
    Scene { name: "cohorts-80x24", keys: &["4"], size: SMALL, theme: "dark", fleets: true },
    Scene { name: "ban-cohort", keys: &["4 b"], size: USUAL, theme: "dark", fleets: true },
    Scene {
        name: "query",
        keys: &["2 ctrl+o", "'4xx by'", "enter f5 tab down"],
        size: USUAL,
        theme: "dark",
        fleets: false,
    },
    Scene { name: "query-row", keys: &["2 f5 tab down enter"], size: WIDE, theme: "dark", fleets: false },
    Scene {
        name: "query-editor",
        keys: &["2", "'\n| stats by (path) cou'"],
        size: USUAL,
        theme: "dark",
        fleets: false,
    },
    Scene { name: "query-library", keys: &["2 ctrl+o"], size: USUAL, theme: "dark", fleets: false },
    Scene { name: "query-80x24", keys: &["2 f5 tab"], size: SMALL, theme: "dark", fleets: false },
    Scene { name: "help", keys: &["f1"], size: USUAL, theme: "dark", fleets: false },
    Scene { name: "palette", keys: &[":"], size: USUAL, theme: "dark", fleets: false },
];

#[tokio::main]
async fn main() -> eyre::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("screenshots"), PathBuf::from);
    std::fs::create_dir_all(&folder).wrap_err_with(|| format!("{} cannot be made", folder.display()))?;
    let folder = folder.canonicalize()?;
    for scene in SCENES {
        for (lang, suffix) in [(Lang::En, "en"), (Lang::Ko, "ko")] {
            let file = folder.join(format!("{}.{suffix}.svg", scene.name));
            let picture = draw(scene, lang).await.wrap_err_with(|| format!("the picture {}", scene.name))?;
            std::fs::write(&file, picture).wrap_err_with(|| format!("{} cannot be written", file.display()))?;
            println!("{}", file.display());
        }
    }
    Ok(())
}

async fn draw(scene: &Scene, lang: Lang) -> eyre::Result<String> {
    let folder = Scratch::new(scene.name)?;
    // Files are named as they are given, and the picture is not to show where this run's folder lies.
    std::env::set_current_dir(&folder.0)?;
    let setting = Setting {
        folder: Path::new(""),
        lang,
        theme: scene.theme,
        depth: Depth::True,
        size: scene.size,
        fleets: scene.fleets,
    };
    let mut stage = Stage::open(&setting).await?;
    for keys in scene.keys {
        match keys.strip_prefix('\'').and_then(|keys| keys.strip_suffix('\'')) {
            Some(text) => stage.type_text(text).await,
            None => stage.press(keys).await?,
        }
    }
    stage.svg(&format!("gatewatch: {}", scene.name))
}

/// A folder of one's own that is gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> eyre::Result<Self> {
        let path = std::env::temp_dir().join(format!("gatewatch-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).wrap_err_with(|| format!("{} cannot be made", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind lies in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
