//! Lists the data below `rules/`, so that a new version of a format is a new folder and no code.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let life = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/life");
    println!("cargo::rerun-if-changed={}", life.display());
    let mut text = String::from("&[\n");
    let mut versions: Vec<_> =
        fs::read_dir(&life)?.map(|entry| Ok(entry?.path())).collect::<Result<_, Box<dyn Error>>>()?;
    versions.sort();
    for version in versions.iter().filter(|path| path.is_dir()) {
        println!("cargo::rerun-if-changed={}", version.display());
        let mut files: Vec<_> =
            fs::read_dir(version)?.map(|entry| Ok(entry?.path())).collect::<Result<_, Box<dyn Error>>>()?;
        files.sort();
        let name = version.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for file in files.iter().filter(|path| path.extension().is_some_and(|ext| ext == "json")) {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            writeln!(text, "({name:?}, {stem:?}, include_str!({:?})),", file.display().to_string())?;
        }
    }
    text.push_str("]\n");
    let goal = env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?;
    fs::write(Path::new(&goal).join("life.rs"), text)?;
    Ok(())
}
