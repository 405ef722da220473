//! Plays docs/production.md, command by command, on a bare Debian with systemd of its own.

mod guide;
mod machine;
mod surroundings;

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};

use crate::command::{root, target};
use crate::database::Database;
use crate::package::{self, Package};
use crate::packages::{self, Needs};
use guide::{Section, sections};
use machine::Machine;
use surroundings::Surroundings;

const GUIDE: &str = "docs/production.md";
/// After this section the service works.
const WORKS: &str = "See whether it works";
/// Before this one it is looked whether the service comes back by itself.
const END: &str = "Removing it";

/// In this one the package takes over by itself.
const UPGRADE: &str = "Upgrade, and back";
const NOTE: &str = "main=$(systemctl show --property MainPID --value erpmax)";
const IS_ANOTHER: &str = "test \"$main\" != \"$(systemctl show --property MainPID --value erpmax)\"";

/// What a crash leaves: the supervisor starts it again.
const KILL: &str = "
kill -KILL \"$(systemctl show --property MainPID --value erpmax)\"
curl --fail --silent --show-error --retry 60 --retry-delay 1 --retry-all-errors https://erpmax.example/health/ready
test \"$(systemctl show --property NRestarts --value erpmax)\" = 1
test \"$(ps -o user= -p \"$(systemctl show --property MainPID --value erpmax)\")\" = erpmax
test \"$(stat --format '%a %U' /var/lib/erpmax /etc/erpmax/keys/master.key | xargs)\" = '700 erpmax 600 erpmax'
";
const AFTER_REBOOT: &str = "
curl --fail --silent --show-error --retry 60 --retry-delay 1 --retry-all-errors https://erpmax.example/health/ready
test \"$(systemctl show --property NRestarts --value erpmax)\" = 0
";

/// Packs, builds the machine and plays the guide on the database that is asked for.
pub(crate) fn run() -> Result<()> {
    packages::prepare(Needs { python: true, bare_machine: true, ..Needs::default() })?;
    let database = Database::asked_for();
    let begun = Instant::now();
    let sections = chosen(database)?;
    let folder = target().join("bare");
    let surroundings = Surroundings::start(&folder.join("surroundings"))?;
    let mut machine = Machine::build(&folder)?;
    surroundings.give_to(machine.folder())?;
    put_packages(machine.folder())?;
    machine.boot()?;
    play(&mut machine, &sections)?;
    machine.halt()?;
    let mails = surroundings.mails()?;
    ensure!(mails > 0, "no mail reached the mail server");
    println!("proof: {mails} mails reached the mail server, by STARTTLS and with a password");
    println!("proof: the guide is played on {database} in {} s", begun.elapsed().as_secs());
    Ok(())
}

/// The sections that are meant for this database.
fn chosen(database: Database) -> Result<Vec<Section>> {
    let text = fs::read_to_string(root().join(GUIDE)).with_context(|| format!("Failed to read {GUIDE}"))?;
    let mut sections = sections(&text);
    sections.retain(|section| database == Database::Postgres || !section.title.contains("PostgreSQL"));
    for title in [WORKS, UPGRADE, END] {
        if !sections.iter().any(|section| section.title == title) {
            bail!("{GUIDE} has no section `{title}`");
        }
    }
    Ok(sections)
}

/// The package that is installed, and one of a later version.
fn put_packages(machine: &Path) -> Result<()> {
    let binary = package::build()?;
    let version = env!("CARGO_PKG_VERSION");
    for (folder, version) in [("root", version.to_owned()), ("root/newer", format!("{version}+next"))] {
        let file = Package { binary: binary.clone(), version, folder: target().join("debian") }.pack()?;
        let place = machine.join(folder);
        fs::create_dir_all(&place)?;
        fs::copy(&file, place.join(file.file_name().context("A package has a name")?))?;
    }
    Ok(())
}

fn play(machine: &mut Machine, sections: &[Section]) -> Result<()> {
    let mut commands = 0;
    for section in sections {
        println!("\n== {}", section.title);
        prepare(machine, &section.title)?;
        for block in &section.blocks {
            let output = machine.run(block).with_context(|| format!("`{}` does not work", section.title))?;
            commands += guide::commands(block);
            for line in output.iter().filter(|line| line.contains("Overall exposure level")) {
                println!("proof: {}", line.trim_start_matches("→ "));
            }
        }
        look_again(machine, &section.title)?;
    }
    println!("proof: {commands} commands in {} sections succeed, in order, as root of a bare Debian", sections.len());
    Ok(())
}

/// What is done to the machine before a section is played.
fn prepare(machine: &mut Machine, title: &str) -> Result<()> {
    match title {
        UPGRADE => drop(machine.run(NOTE)?),
        END => {
            machine.halt()?;
            machine.boot()?;
            machine.run(AFTER_REBOOT).context("The service does not come back with the machine")?;
            println!("proof: the service comes back with the machine");
        }
        _ => {}
    }
    Ok(())
}

/// What is looked at after a section beside what the guide looks at.
fn look_again(machine: &mut Machine, title: &str) -> Result<()> {
    match title {
        WORKS => {
            machine.run(KILL).context("The service does not come back after a crash")?;
            println!("proof: the service comes back after SIGKILL, as its own user");
        }
        UPGRADE => {
            machine.run(IS_ANOTHER).context("A newer package does not take over")?;
            println!("proof: a newer package takes over by itself");
        }
        _ => {}
    }
    Ok(())
}
