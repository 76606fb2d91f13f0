//! Renders every page with fictional people into a folder, for looking at and for the browser tests.
//!
//! `cargo run -p tsumugi-portal --example gallery -- DIR` writes `DIR/<page>.<language>.html`, each with its style
//! inside, and `DIR/index.json` with their names.

mod apps;
mod desk;
mod documents;
mod emergencies;
mod looks;
mod papers;
mod people;
mod rules;
mod samples;
mod sharing;
mod take;
mod ways;

use std::path::PathBuf;

use tsumugi_portal::{Lang, assets};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    let link = format!("<link rel=\"stylesheet\" href=\"{}\">", assets::css_path());
    let style = format!("<style>{}</style>", assets::CSS);
    let mut names = Vec::new();
    for &lang in Lang::ALL {
        for (name, page) in samples::pages(lang) {
            let html = page.into_string();
            let bytes = html.len();
            let name = format!("{name}.{}", lang.choice());
            if !html.contains(&link) {
                return Err(format!("{name} does not link the style sheet").into());
            }
            std::fs::write(folder.join(format!("{name}.html")), html.replace(&link, &style))?;
            names.push(format!("{{\"name\":\"{name}\",\"lang\":\"{}\",\"bytes\":{bytes}}}", lang.code()));
        }
    }
    std::fs::write(
        folder.join("index.json"),
        format!("{{\"css\":{},\"pages\":[\n{}\n]}}\n", assets::CSS.len(), names.join(",\n")),
    )?;
    Ok(())
}
