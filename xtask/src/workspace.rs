//! What cargo knows about this workspace, reduced to what the commands ask for.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// The workspace's root folder and its packages, by name.
pub(crate) struct Workspace {
    root: PathBuf,
    crates: Vec<Crate>,
}

/// One package of the workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crate {
    pub(crate) name: String,
    /// Folder relative to the root, with `/` as separator.
    pub(crate) dir: String,
    pub(crate) publish: bool,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) keywords: Vec<String>,
    pub(crate) version: String,
    pub(crate) dependencies: Vec<Dependency>,
    /// Names of the package's `[[bench]]` targets.
    pub(crate) benches: Vec<String>,
    /// Source of the crate's documentation, relative to the root: `src/main.rs` of a program, else `src/lib.rs`.
    pub(crate) docs: Option<String>,
}

/// One line of a `[dependencies]` table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) dev: bool,
    /// Has a path into this workspace.
    pub(crate) local: bool,
    /// Has a version requirement.
    pub(crate) versioned: bool,
    /// Comes with a feature only.
    pub(crate) optional: bool,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let metadata = MetadataCommand::new()
            .manifest_path(manifest)
            .no_deps()
            .exec()
            .context("cannot read the workspace's manifests")?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let mut crates: Vec<Crate> =
            metadata.packages.iter().map(|package| Crate::new(package, &root)).collect();
        crates.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { root, crates })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// All packages, sorted by name.
    pub(crate) fn crates(&self) -> &[Crate] {
        &self.crates
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Crate> {
        self.crates.iter().find(|krate| krate.name == name)
    }
}

impl Crate {
    fn new(package: &Package, root: &Path) -> Self {
        let dir =
            package.manifest_path.parent().map(|dir| relative(dir.as_std_path(), root)).unwrap_or_default();
        let lib = package.targets.iter().find(|target| target.is_lib());
        let program =
            package.targets.iter().find(|target| target.is_bin() && target.name == package.name.as_str());
        Self {
            name: package.name.to_string(),
            dir,
            // `publish = false` reads as an empty list of registries.
            publish: package.publish.as_ref().is_none_or(|registries| !registries.is_empty()),
            description: package.description.clone(),
            license: package.license.clone(),
            repository: package.repository.clone(),
            keywords: package.keywords.clone(),
            version: package.version.to_string(),
            dependencies: package.dependencies.iter().map(Dependency::new).collect(),
            benches: package
                .targets
                .iter()
                .filter(|target| target.is_bench())
                .map(|target| target.name.clone())
                .collect(),
            docs: program.or(lib).map(|target| relative(target.src_path.as_std_path(), root)),
        }
    }
}

impl Dependency {
    fn new(dependency: &cargo_metadata::Dependency) -> Self {
        Self {
            name: dependency.name.clone(),
            dev: dependency.kind == DependencyKind::Development,
            local: dependency.path.is_some(),
            versioned: dependency.req.to_string() != "*",
            optional: dependency.optional,
        }
    }
}

/// `path` below `root` with `/` as separator on every system.
pub(crate) fn relative(path: &Path, root: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
