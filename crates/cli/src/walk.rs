//! The files that somebody means by naming files and folders.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// Folders in folders, at most.
const FOLDERS_DEEP: usize = 64;

/// All files of these paths, folders with all that is in them, in the order of their names.
///
/// # Errors
/// If a path is not there or a folder cannot be read.
pub fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let kind =
            std::fs::metadata(path).with_context(|| format!("{} is not there, or cannot be read", path.display()))?;
        if kind.is_dir() { folder(path, FOLDERS_DEEP, &mut files)? } else { files.push(path.clone()) }
    }
    Ok(files)
}

fn folder(path: &Path, deep: usize, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    anyhow::ensure!(
        deep > 0,
        "{} lies more than {FOLDERS_DEEP} folders deep; name the inner folder instead",
        path.display()
    );
    let entries = std::fs::read_dir(path).with_context(|| format!("the folder {} cannot be read", path.display()))?;
    let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        // What a folder hides (`.git` and the like) was not meant; a link might lead round in a circle.
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        match entry.file_type()? {
            kind if kind.is_dir() => folder(&entry.path(), deep - 1, files)?,
            kind if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_in_order_and_what_they_hide_is_left() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b/2.json", "b/1.json", "a.json", ".git/x.json"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "{}").unwrap();
        }
        let found = files(&[folder.path().to_owned()]).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.strip_prefix(folder.path()).unwrap().to_owned()).collect();
        assert_eq!(names, ["a.json", "b/1.json", "b/2.json"].map(PathBuf::from));
        assert!(files(&[folder.path().join("none")]).is_err());
    }
}
