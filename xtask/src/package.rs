//! `cargo xtask package`: the Debian package, from `packaging/debian` and the release build.
//!
//! `dpkg-deb` packs a folder; what would be a further tool with a configuration of its own is the list of files below.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::command::{cargo, program, read_text, root, run as run_command, target};

const SOURCES: &str = "packaging/debian";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Files of `packaging/debian`, where they go and who may do what with them.
const FILES: [(&str, &str, u32); 7] = [
    ("packaging/debian/erpmax.toml", "etc/erpmax/erpmax.toml", 0o644),
    ("packaging/debian/erpmax.service", "lib/systemd/system/erpmax.service", 0o644),
    ("packaging/debian/erpmax.sysusers", "usr/lib/sysusers.d/erpmax.conf", 0o644),
    ("packaging/debian/erpmax.tmpfiles", "usr/lib/tmpfiles.d/erpmax.conf", 0o644),
    ("packaging/debian/copyright", "usr/share/doc/erpmax/copyright", 0o644),
    ("docs/production.md", "usr/share/doc/erpmax/production.md", 0o644),
    ("docs/operating.md", "usr/share/doc/erpmax/operating.md", 0o644),
];
const CHANGES: &str = "usr/share/doc/erpmax/changelog";
/// The manual, a page for each command.
const MANUAL: &str = "usr/share/man/man1";
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];
const CONFIGURATION: &str = "/etc/erpmax/erpmax.toml\n";

/// Builds the program and packs it.
pub(crate) fn run() -> Result<()> {
    let package = Package { binary: build()?, version: VERSION.to_owned(), folder: target().join("debian") };
    println!("{} is made", package.pack()?.display());
    Ok(())
}

/// The program as it is released.
pub(crate) fn build() -> Result<PathBuf> {
    run_command(&mut cargo(&["build", "--release", "--package", "erpmax"]))?;
    Ok(target().join("release/erpmax"))
}

/// What is packed.
pub(crate) struct Package {
    /// The program.
    pub(crate) binary: PathBuf,
    pub(crate) version: String,
    /// Where the package goes.
    pub(crate) folder: PathBuf,
}

impl Package {
    /// The file of the package.
    pub(crate) fn pack(&self) -> Result<PathBuf> {
        let architecture = read_text(&mut program("dpkg", &["--print-architecture"]))?;
        let name = format!("erpmax_{}_{architecture}", self.version);
        let tree = self.folder.join(&name);
        if tree.exists() {
            fs::remove_dir_all(&tree)?;
        }
        self.lay_out(&tree)?;
        self.describe(&tree, &architecture)?;
        let file = self.folder.join(format!("{name}.deb"));
        run_command(program("dpkg-deb", &["--build", "--root-owner-group"]).arg(&tree).arg(&file))?;
        Ok(file)
    }

    /// Everything at its place below `tree`.
    fn lay_out(&self, tree: &Path) -> Result<()> {
        install(&self.binary, &tree.join("usr/bin/erpmax"), 0o755)?;
        for (from, to, mode) in FILES {
            install(&root().join(from), &tree.join(to), mode)?;
        }
        install(&root().join("CHANGELOG.md"), &tree.join(CHANGES), 0o644)?;
        compress(&tree.join(CHANGES))?;
        self.write_manual(&tree.join(MANUAL))
    }

    /// As the program itself has it.
    fn write_manual(&self, folder: &Path) -> Result<()> {
        make_folder_of(&folder.join("page"))?;
        run_command(Command::new(&self.binary).args(["--quiet", "man", "--folder"]).arg(folder))?;
        for page in fs::read_dir(folder)? {
            let page = page?.path();
            fs::set_permissions(&page, fs::Permissions::from_mode(0o644))?;
            compress(&page)?;
        }
        Ok(())
    }

    /// What dpkg knows of the package.
    fn describe(&self, tree: &Path, architecture: &str) -> Result<()> {
        let notes = tree.join("DEBIAN");
        let size = read_text(program("du", &["--summarize", "--block-size=1K"]).arg(tree))?;
        let control = fs::read_to_string(root().join(SOURCES).join("control")).context("Failed to read `control`")?;
        let control = control
            .replace("{version}", &self.version)
            .replace("{architecture}", architecture)
            .replace("{libc}", &libc()?)
            .replace("{size}", size.split_whitespace().next().unwrap_or("0"));
        write(&notes.join("control"), &control)?;
        write(&notes.join("conffiles"), CONFIGURATION)?;
        write(&notes.join("md5sums"), &checksums(tree)?)?;
        for script in SCRIPTS {
            install(&root().join(SOURCES).join(script), &notes.join(script), 0o755)?;
        }
        Ok(())
    }
}

/// The version of the C library here, which the program may need.
fn libc() -> Result<String> {
    let version = read_text(&mut program("dpkg-query", &["--show", "--showformat=${Version}", "libc6"]))?;
    Ok(version.split('-').next().unwrap_or_default().to_owned())
}

fn checksums(tree: &Path) -> Result<String> {
    let script = "find usr lib -type f -print0 | sort --zero-terminated | xargs --null md5sum";
    Ok(read_text(program("sh", &["-c", script]).current_dir(tree))? + "\n")
}

fn install(from: &Path, to: &Path, mode: u32) -> Result<()> {
    make_folder_of(to)?;
    fs::copy(from, to).with_context(|| format!("Failed to copy {}", from.display()))?;
    Ok(fs::set_permissions(to, fs::Permissions::from_mode(mode))?)
}

fn compress(file: &Path) -> Result<()> {
    run_command(program("gzip", &["--best", "--no-name"]).arg(file))
}

fn write(to: &Path, text: &str) -> Result<()> {
    make_folder_of(to)?;
    fs::write(to, text).with_context(|| format!("Failed to write {}", to.display()))?;
    Ok(fs::set_permissions(to, fs::Permissions::from_mode(0o644))?)
}

/// Folders of a package are for all to read, whatever the mask of who makes it.
fn make_folder_of(file: &Path) -> Result<()> {
    let folder = file.parent().context("A file is in a folder")?;
    fs::DirBuilder::new().recursive(true).mode(0o755).create(folder).context("Failed to make a folder")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::find;

    /// A package with a program that is none, in a folder of its own.
    fn sample(name: &str) -> Option<(PathBuf, PathBuf)> {
        find("dpkg-deb")?;
        let folder = std::env::temp_dir().join(format!("erpmax-package-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("it can be made");
        let binary = folder.join("program");
        // It does what packing asks a program for: it writes its manual.
        fs::write(&binary, "#!/bin/sh\necho .TH > \"$4/erpmax.1\"\n").expect("it can be written");
        fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let package = Package { binary, version: "9.8.7".to_owned(), folder: folder.clone() };
        Some((package.pack().expect("it can be packed"), folder))
    }

    fn said(command: &mut std::process::Command) -> String {
        read_text(command).expect("it succeeds")
    }

    #[test]
    fn a_package_holds_every_file_with_its_owner_and_mode() {
        let Some((file, folder)) = sample("files") else { return };
        let listed = said(program("dpkg-deb", &["--contents"]).arg(&file));
        let found: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
        for (mode, path) in [
            ("-rwxr-xr-x", "./usr/bin/erpmax"),
            ("-rw-r--r--", "./etc/erpmax/erpmax.toml"),
            ("-rw-r--r--", "./lib/systemd/system/erpmax.service"),
            ("-rw-r--r--", "./usr/lib/sysusers.d/erpmax.conf"),
            ("-rw-r--r--", "./usr/lib/tmpfiles.d/erpmax.conf"),
            ("-rw-r--r--", "./usr/share/man/man1/erpmax.1.gz"),
            ("-rw-r--r--", "./usr/share/doc/erpmax/production.md"),
            ("drwxr-xr-x", "./etc/erpmax/"),
        ] {
            assert!(
                found.iter().any(|line| line[0] == mode && line[1] == "root/root" && line[5] == path),
                "{path}\n{listed}"
            );
        }
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }

    #[test]
    fn a_package_tells_dpkg_what_it_is_and_which_file_is_the_operators() {
        let Some((file, folder)) = sample("control") else { return };
        let fields = said(program("dpkg-deb", &["--field"]).arg(&file));
        for line in ["Package: erpmax", "Version: 9.8.7", "Section: web"] {
            assert!(fields.lines().any(|there| there == line), "{fields}");
        }
        assert!(!fields.contains('{'), "{fields}");
        assert_eq!(said(program("dpkg-deb", &["--info"]).arg(&file).arg("conffiles")), "/etc/erpmax/erpmax.toml");
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }

    #[test]
    fn the_scripts_of_the_package_are_scripts() {
        for script in SCRIPTS {
            run_command(program("sh", &["-n"]).arg(root().join(SOURCES).join(script))).expect("it can be read");
        }
    }

    #[test]
    fn systemd_understands_the_unit_and_finds_it_hardened() {
        if find("systemd-analyze").is_none() {
            return;
        }
        let Some((file, folder)) = sample("unit") else { return };
        let unit = file.with_extension("").join("lib/systemd/system/erpmax.service");
        let text = fs::read_to_string(&unit).expect("the unit can be read").replace("/usr/bin/erpmax", "/bin/true");
        fs::write(&unit, text).expect("it can be written");
        let verified = program("systemd-analyze", &["verify", "--man=no"]).arg(&unit).output().expect("it starts");
        let complaints = String::from_utf8_lossy(&verified.stderr).into_owned();
        assert!(!complaints.contains("erpmax"), "{complaints}");
        // Tenths of a point: 0 is safe, 100 exposed.
        let security = ["security", "--offline=true", "--no-pager", "--threshold=15"];
        let judged = program("systemd-analyze", &security).arg(&unit).output().expect("it starts");
        assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}
