//! Modules: `use std.ratelimiter` and `use policies.baseline` are embedded, `use teams.web` is `teams/web.leeway` beside the using
//! file.

use leeway_diagnostics::{Code, Diagnostic, SourceMap};
use leeway_semantics::closest;
use leeway_syntax::{ast, parse, yaml};

use crate::Request;

/// The most sources of one compilation.
const SOURCES_MAX: usize = 1_000;

/// Where the sources of modules come from: a disk, an editor's open files, a test.
pub trait ModuleLoader {
    /// The source at `path`, which is relative to the workspace root with `/` between its parts: the path to show, and the
    /// text. `None` if there is none.
    fn load(&self, path: &str) -> Option<(String, String)>;
}

/// No modules but those of the standard library.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoModules;

impl ModuleLoader for NoModules {
    fn load(&self, _path: &str) -> Option<(String, String)> {
        None
    }
}

/// A source that was read.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) tree: ast::File,
    /// For each of its `use`s the place of the file meant.
    pub(crate) uses: Vec<Option<usize>>,
    pub(crate) root: bool,
}

/// Reads the roots and all they use.
pub(crate) fn load(request: &Request<'_>, sources: &mut SourceMap, diagnostics: &mut Vec<Diagnostic>) -> Vec<File> {
    let mut loading = Loading { sources, diagnostics, files: Vec::new() };
    for (path, text) in &request.roots {
        // A root that is named twice is one root.
        if loading.place(path).is_none() {
            loading.add(path.clone(), text, true);
        }
    }
    // The list grows while it is walked: a file that is used is looked at after those that use it.
    let mut at = 0;
    while let Some(uses) = loading.files.get(at).map(|file| file.tree.uses.clone()) {
        let found: Vec<Option<usize>> = uses.iter().map(|one| loading.module(at, one, request.loader)).collect();
        if let Some(file) = loading.files.get_mut(at) {
            file.uses = found;
        }
        at += 1;
    }
    loading.cycles();
    loading.files
}

struct Loading<'a> {
    sources: &'a mut SourceMap,
    diagnostics: &'a mut Vec<Diagnostic>,
    files: Vec<File>,
}

impl Loading<'_> {
    fn place(&self, path: &str) -> Option<usize> {
        self.files.iter().position(|file| file.path == path)
    }

    fn add(&mut self, path: String, text: &str, root: bool) -> usize {
        let id = self.sources.add(path.as_str(), text);
        let parsed = if yaml::is_yaml(&path) { yaml::parse(self.sources, id) } else { parse(id, text) };
        self.diagnostics.extend(parsed.diagnostics);
        self.files.push(File { path, tree: parsed.tree, uses: Vec::new(), root });
        self.files.len() - 1
    }

    /// The place of the module that file `by` uses; read if it was not yet.
    fn module(&mut self, by: usize, one: &ast::Use, loader: &dyn ModuleLoader) -> Option<usize> {
        let name = one.path.text();
        let (path, text) = match self.found(by, one, &name, loader) {
            Ok(found) => found,
            Err(finding) => {
                self.diagnostics.push(*finding);
                return None;
            }
        };
        if let Some(place) = self.place(&path) {
            return Some(place);
        }
        if self.files.len() >= SOURCES_MAX {
            let message = format!("more than {SOURCES_MAX} sources in one compilation");
            self.diagnostics.push(Diagnostic::new(Code::E0106, one.path.span, message));
            return None;
        }
        Some(self.add(path, &text, false))
    }

    /// The path and the text of a module.
    fn found(
        &self,
        by: usize,
        one: &ast::Use,
        name: &str,
        loader: &dyn ModuleLoader,
    ) -> Result<(String, String), Box<Diagnostic>> {
        let unknown = || Diagnostic::new(Code::E0203, one.path.span, format!("unknown module `{name}`"));
        let folder = name.split_once('.').map_or("", |(folder, _)| folder);
        let embedded = leeway_stdlib::module(name);
        // No file of a workspace has such a path: nobody's own folder stands in for what is embedded. Of `std` there is
        // nothing else; a workspace's own `policies` are files beside those.
        if let Some(text) = embedded {
            let module = name.split_once('.').map_or(name, |(_, module)| module).replace('.', "/");
            return Ok((format!("<{folder}>/{module}.leeway"), text.to_owned()));
        }
        if folder == "std" {
            let known =
                || leeway_stdlib::MODULES.iter().map(|(known, _)| *known).filter(|known| known.starts_with("std."));
            return Err(Box::new(match closest(name, known()) {
                Some(near) => did_you_mean(one, name, near),
                None => {
                    let listed: Vec<String> = known().map(|known| format!("`{known}`")).collect();
                    unknown().help(format!("the standard library has {}", listed.join(", ")))
                }
            }));
        }
        let beside = self.files.get(by).and_then(|file| file.path.rsplit_once('/')).map_or("", |(folder, _)| folder);
        let separator = if beside.is_empty() { "" } else { "/" };
        let path = format!("{beside}{separator}{}.leeway", name.replace('.', "/"));
        loader.load(&path).ok_or_else(|| {
            let known = leeway_stdlib::MODULES.iter().map(|(known, _)| *known);
            Box::new(match closest(name, known.filter(|known| known.split('.').next() == Some(folder))) {
                Some(near) => did_you_mean(one, name, near),
                None => unknown().help(format!("there is no `{path}`")),
            })
        })
    }

    /// Reports modules that use themselves, also by way of others.
    fn cycles(&mut self) {
        // Each file is walked once: 0 not seen, 1 on the way, 2 done.
        let mut seen = vec![0_u8; self.files.len()];
        for start in 0..self.files.len() {
            let mut way = vec![(start, 0)];
            while let Some((at, next)) = way.last_mut() {
                let (file, count) = (*at, *next);
                *next += 1;
                let Some(state) = seen.get_mut(file) else { break };
                if *state == 2 && count == 0 {
                    way.pop();
                    continue;
                }
                *state = 1;
                let Some(used) = self.files.get(file).and_then(|file| file.uses.get(count)) else {
                    *state = 2;
                    way.pop();
                    continue;
                };
                let Some(used) = *used else { continue };
                match seen.get(used) {
                    Some(1) => self.report(file, count, used),
                    Some(0) => way.push((used, 0)),
                    Some(_) | None => {}
                }
            }
        }
    }

    fn report(&mut self, by: usize, count: usize, used: usize) {
        let Some((file, one)) = self.files.get(by).and_then(|file| Some((file, file.tree.uses.get(count)?))) else {
            return;
        };
        let message = if by == used {
            format!("module `{}` uses itself", one.path.text())
        } else {
            format!("module `{}` uses this file in turn", one.path.text())
        };
        debug_assert_eq!(self.sources.path(one.path.span), file.path);
        let finding = Diagnostic::new(Code::E0206, one.path.span, message);
        self.diagnostics.push(finding.help("move what both need into a third module"));
    }
}

/// A module that is unknown, and the one that was likely meant.
fn did_you_mean(one: &ast::Use, name: &str, near: &str) -> Diagnostic {
    let message = format!("unknown module `{name}`; did you mean `{near}`?");
    Diagnostic::new(Code::E0203, one.path.span, message).guess(format!("write `{near}`"), one.path.span, near)
}
