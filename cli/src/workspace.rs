//! Where sources lie: the workspace root, the blueprints below a path, the modules beside a file.

use std::path::{Component, Path, PathBuf};

use leeway_driver::ModuleLoader;
use leeway_syntax::yaml;

use crate::bundle::is_bundle;
use crate::exit::Failure;
use crate::whole_file;

/// How many files one command reads at the most.
const FILES_MAX: usize = 10_000;

/// How deep folders are looked through.
const DEPTH_MAX: usize = 32;

/// Sources are at most this long; the parser says so with a place, reading stops a little after.
pub(crate) const SOURCE_BYTES_MAX: u64 = (1 << 20) + 1;

/// So much of a YAML file is looked at to see whether it is a blueprint.
const BEGINNING_BYTES_MAX: u64 = 4096;

/// A source on disk.
pub(crate) struct Source {
    /// Where it lies.
    path: PathBuf,
    /// The path as messages show it.
    pub(crate) shown: String,
    /// What stands in it.
    pub(crate) text: String,
}

impl Source {
    /// Writes the text back: all of it, or nothing.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        whole_file::write(&self.path, &self.text)
    }
}

/// The sources as the compiler takes them.
pub(crate) fn roots(sources: &[Source]) -> Vec<(String, String)> {
    sources.iter().map(|source| (source.shown.clone(), source.text.clone())).collect()
}

/// The folder that paths in messages are relative to: the nearest parent of here with `leeway.toml` or `.git`, or else here.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the root from the current directory.
    pub(crate) fn here() -> Result<Workspace, Failure> {
        let here = std::env::current_dir()
            .map_err(|error| Failure::usage(format!("cannot tell the current directory: {error}")))?;
        let is_root = |folder: &&Path| folder.join("leeway.toml").exists() || folder.join(".git").exists();
        let root = here.ancestors().find(is_root).unwrap_or(&here).to_path_buf();
        Ok(Workspace { root })
    }

    /// A file that lies at the root.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The path as messages show it, with `/` between parts: relative to the root, unless it is absolute and lies elsewhere. One
    /// file has one such path, from whatever folder it is named.
    pub(crate) fn display(&self, path: &Path) -> String {
        let absolute = without_detours(path);
        let elsewhere = path.is_absolute() && !absolute.starts_with(&self.root);
        let shown = if elsewhere { absolute } else { relative(&absolute, &self.root) };
        shown.to_string_lossy().replace('\\', "/")
    }

    /// The sources at `paths`, folders looked through for `*.leeway` and `*.leeway.yaml`, in the order of their names; without
    /// paths, here.
    pub(crate) fn sources(&self, paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
        let mut files = Vec::new();
        if paths.is_empty() {
            collect(Path::new("."), 0, &mut files)?;
        }
        for path in paths {
            if is_bundle(path) {
                return Err(Failure::usage(format!("`{}` is a bundle, and sources are wanted", path.display()))
                    .help("it was checked when it was compiled; look at the blueprint that it was compiled from"));
            }
            if path.is_dir() {
                collect(path, 0, &mut files)?;
            } else {
                files.push(path.clone());
            }
        }
        if files.is_empty() {
            let place = paths.first().map_or_else(|| ".".into(), |path| path.to_string_lossy());
            return Err(Failure::usage(format!("no blueprint in `{place}`"))
                .help("blueprints are files that end in `.leeway` or `.leeway.yaml`"));
        }
        let mut named: Vec<(PathBuf, PathBuf)> =
            files.into_iter().map(|path| (PathBuf::from(self.display(&path)), path)).collect();
        named.sort();
        named.dedup_by(|one, other| one.0 == other.0);
        let source = |(shown, path): (PathBuf, PathBuf)| {
            Ok(Source { shown: shown.to_string_lossy().into_owned(), text: read(&path)?, path })
        };
        named.into_iter().map(source).collect()
    }
}

impl ModuleLoader for Workspace {
    fn load(&self, path: &str) -> Option<(String, String)> {
        Some((path.to_owned(), read(&self.root.join(path)).ok()?))
    }
}

/// The absolute path with neither `.` nor `..` in it. What `..` means behind a symbolic link, the disk tells.
fn without_detours(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).components() {
        match part {
            Component::ParentDir => {
                plain = plain.canonicalize().unwrap_or(plain);
                plain.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

/// The way from `root` to `path`, both absolute.
fn relative(path: &Path, root: &Path) -> PathBuf {
    let shared = root.components().zip(path.components()).take_while(|(one, other)| one == other).count();
    let up = root.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(path.components().skip(shared)).collect()
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let cannot = |error| Failure::usage(format!("cannot read `{}`: {error}", folder.display()));
    if depth > DEPTH_MAX {
        return Err(Failure::usage(format!("`{}` lies more than {DEPTH_MAX} folders deep", folder.display())));
    }
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "target" || name == "node_modules" {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            collect(&path, depth + 1, files)?;
        } else if name.ends_with(".leeway") || is_blueprint_in_yaml(&name, &path) {
            files.push(path);
        }
        if files.len() > FILES_MAX {
            return Err(Failure::usage(format!("more than {FILES_MAX} blueprints below `{}`", folder.display())));
        }
    }
    Ok(())
}

/// Whether YAML in a folder is ours: by its name, or because its beginning says so.
fn is_blueprint_in_yaml(name: &str, path: &Path) -> bool {
    use std::io::Read as _;
    if !yaml::is_yaml(name) || yaml::YAML_SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) {
        return yaml::is_yaml(name);
    }
    let mut beginning = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(BEGINNING_BYTES_MAX).read_to_end(&mut beginning));
    read.is_ok() && yaml::claims_to_be_one(&String::from_utf8_lossy(&beginning))
}

fn read(path: &Path) -> Result<String, Failure> {
    use std::io::Read as _;
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot read `{}`: {error}", path.display()));
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(cannot)?.take(SOURCE_BYTES_MAX).read_to_end(&mut bytes).map_err(cannot)?;
    String::from_utf8(bytes).map_err(|error| {
        let sound = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(error.as_bytes().get(..sound).unwrap_or_default()).into_owned();
        let (line, column) = (before.split('\n').count(), before.chars().rev().take_while(|c| *c != '\n').count() + 1);
        Failure::errors(format!("`{}` is not UTF-8 text: line {line}, column {column} is wrong", path.display()))
            .help("blueprints are UTF-8 text")
    })
}
