//! `erpmax backup` and `restore`: the drill, and each way in which they cannot work.

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::{Database, LivedIn, Server, command, postgres_server, until};
use tempfile::TempDir;

const ENVIRONMENT: [(&str, &str); 1] = [("SANDBOX__STEP_MILLISECONDS", "20")];
const PASSPHRASE: &str = "correct horse battery staple";
/// The instants after its start at which a backup is killed.
const INSTANTS: [u64; 12] = [5, 15, 30, 60, 100, 150, 200, 300, 500, 800, 1_300, 2_000];

/// A place to restore to: a folder and, where that is tested, a `PostgreSQL` database.
struct Place {
    folder: TempDir,
    database: Database,
}

impl Place {
    fn new() -> Self {
        Self { folder: folder(), database: Database::create() }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn restore(&self, file: &Path, passphrase: Option<&str>, arguments: &[&str]) -> Output {
        let mut command = binary(self.database.url(), passphrase);
        command.arg("restore").arg(file).arg("--data").arg(self.data()).args(arguments);
        command.output().expect("the binary starts")
    }

    /// Ends `server` and goes on here, with its port and its sites, which are their driver's to back up.
    async fn take_over(&self, server: &mut Server) {
        assert!(server.terminate().await.success());
        let _ = fs::remove_dir_all(self.data().join("sandbox"));
        copy_folder(&server.folder().join("sandbox"), &self.data().join("sandbox"));
        server.move_to(&self.data());
        if let Some(url) = self.database.url() {
            server.set("DATABASE__URL", url);
        }
        server.restart().await;
    }

    async fn serve(&self) -> Server {
        let mut environment = ENVIRONMENT.to_vec();
        if let Some(url) = self.database.url() {
            environment.push(("DATABASE__URL", url));
        }
        Server::on(&self.data(), &environment).await
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn binary(url: Option<&str>, passphrase: Option<&str>) -> Command {
    let mut environment = vec![];
    if let Some(url) = url.filter(|url| !url.is_empty()) {
        environment.push(("ERPMAX_DATABASE__URL".to_owned(), url.to_owned()));
    }
    if let Some(passphrase) = passphrase {
        environment.push(("ERPMAX_BACKUP_PASSPHRASE".to_owned(), passphrase.to_owned()));
    }
    command(&environment)
}

fn backup_command(server: &Server, passphrase: Option<&str>, arguments: &[&str]) -> Command {
    let mut command = binary(Some(&server.database_url()), passphrase);
    command.args(["--json", "backup", "--data"]).arg(server.folder()).args(arguments);
    command
}

fn backup(server: &Server, passphrase: Option<&str>, arguments: &[&str]) -> Output {
    backup_command(server, passphrase, arguments).output().expect("the binary starts")
}

fn made(server: &Server, passphrase: Option<&str>) -> PathBuf {
    let document = done(&backup(server, passphrase, &[]));
    PathBuf::from(support::text(&document, "file"))
}

fn verify(file: &Path, passphrase: Option<&str>) -> Output {
    binary(None, passphrase).args(["--json", "backup", "verify"]).arg(file).output().expect("the binary starts")
}

#[track_caller]
fn done(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

#[track_caller]
fn refused(output: &Output, words: &str) {
    let sentence = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{sentence}");
    assert!(sentence.contains(words) && sentence.trim().lines().count() == 1, "{sentence}");
    assert!(output.stdout.is_empty());
}

/// The names in a folder, but for the lock.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != ".lock");
    names.sort();
    names
}

fn copy_folder(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp is there");
    assert!(copied.success());
}

/// Somebody who signs up while a backup is being made.
fn sign_up(server: &Server, number: u32) -> impl Future<Output = reqwest::Result<reqwest::Response>> + use<> {
    let registration = support::registration(&format!("busy{number}"));
    server.request(reqwest::Method::POST, "/auth/register", "", Some(registration)).send()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_drill_everything_goes_on_somewhere_else() {
    let mut server = Server::start(&ENVIRONMENT).await;
    let owner = LivedIn::begin(&server).await;
    let before = owner.everything(&server).await;
    let busy: Vec<_> = (0..20).map(|number| tokio::spawn(sign_up(&server, number))).collect();
    let file = made(&server, Some(PASSPHRASE));
    assert_eq!(file.metadata().expect("the backup is there").permissions().mode() & 0o777, 0o600);
    for sign_up in busy {
        assert_eq!(sign_up.await.expect("the task ends").expect("the server answers").status(), 201);
    }
    owner.goes_on(&server).await;
    server.register("later").await;
    let place = Place::new();
    let restored = place.restore(&file, Some(PASSPHRASE), &[]);
    done(&restored);
    assert!(String::from_utf8_lossy(&restored.stdout).contains("Counts are those of the backup"));

    place.take_over(&mut server).await;
    assert_eq!(owner.everything(&server).await, before);
    owner.goes_on(&server).await;
    owner.comes_back(&server).await;
    server.register("later").await;
}

#[tokio::test]
async fn a_job_that_was_under_way_ends_after_a_restore() {
    let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "300"), ("SITES__LEASE_SECONDS", "3")]).await;
    let registered = server.register("acme").await;
    let token = support::text(&registered, "access_token");
    let job = server.begin(token, "create_site").await;
    server.job_until(token, &job, |job| job["step"] == "apps").await;
    let file = made(&server, Some(PASSPHRASE));
    let place = Place::new();
    done(&place.restore(&file, Some(PASSPHRASE), &[]));
    drop(server);
    let there = place.serve().await;
    let ended = there.job_ended(token, &job).await;
    assert!(support::has_ended(&ended), "{ended}");
    assert!(there.leftovers().is_empty());
}

#[tokio::test]
async fn without_a_passphrase_the_key_is_kept_elsewhere() {
    let mut server = Server::start(&ENVIRONMENT).await;
    let owner = LivedIn::begin(&server).await;
    let output = binary(Some(&server.database_url()), None).arg("backup").arg("--data").arg(server.folder()).output();
    let said = String::from_utf8_lossy(&output.expect("the binary starts").stdout).into_owned();
    assert!(said.contains("NOT SEALED") && said.contains("master.key"), "{said}");
    let file = server.folder().join("backups").join(&names(&server.folder().join("backups"))[0]);
    assert_eq!(done(&verify(&file, None))["opened"], true);

    let place = Place::new();
    refused(&place.restore(&file, None, &[]), "does not carry the master key; put a copy of the key file at");
    assert_eq!(names(&place.data()), ["lock"]);
    fs::copy(server.folder().join("master.key"), place.data().join("master.key")).expect("the key can be copied");
    done(&place.restore(&file, None, &[]));
    place.take_over(&mut server).await;
    owner.goes_on(&server).await;
}

#[tokio::test]
async fn a_place_in_use_is_refused_or_moved_aside() {
    let mut server = Server::start(&ENVIRONMENT).await;
    let owner = LivedIn::begin(&server).await;
    let file = made(&server, Some(PASSPHRASE));
    let place = Place::new();
    let mut there = place.serve().await;
    let other = there.register("globex").await;
    refused(&place.restore(&file, Some(PASSPHRASE), &["--replace"]), "another process uses the data folder");
    assert!(there.terminate().await.success());
    let key = fs::read(place.data().join("master.key")).expect("there is a key");
    refused(&place.restore(&file, Some(PASSPHRASE), &[]), "there is");
    there.restart().await;
    there.get("/auth/me", support::text(&other, "access_token")).await;
    assert!(there.terminate().await.success());

    done(&place.restore(&file, Some(PASSPHRASE), &["--replace"]));
    let aside = names(&place.data()).into_iter().find(|name| name.starts_with("master.key.before-"));
    assert_eq!(fs::read(place.data().join(aside.expect("the old key is kept"))).expect("it can be read"), key);
    place.take_over(&mut server).await;
    owner.goes_on(&server).await;
    let file = PathBuf::from(support::text(&done(&backup_again(&place)), "file"));
    done(&verify(&file, Some(PASSPHRASE)));
}

/// A backup of what was restored: what was moved aside is no part of it.
fn backup_again(place: &Place) -> Output {
    let mut command = binary(place.database.url(), Some(PASSPHRASE));
    command.args(["--json", "backup", "--data"]).arg(place.data()).output().expect("the binary starts")
}

#[tokio::test]
async fn a_file_that_is_damaged_or_does_not_open_leaves_nothing_behind() {
    let server = Server::start(&ENVIRONMENT).await;
    server.register("acme").await;
    let file = made(&server, Some(PASSPHRASE));
    let good = fs::read(&file).expect("the backup can be read");
    let place = Place::new();
    let bad = place.folder.path().join("bad.backup");
    for (at, words) in [(good.len() / 2, "is damaged"), (600, "is damaged"), (10, "is damaged")] {
        let mut changed = good.clone();
        changed[at] ^= 1;
        fs::write(&bad, changed).expect("a file can be written");
        refused(&verify(&bad, Some(PASSPHRASE)), words);
        refused(&place.restore(&bad, Some(PASSPHRASE), &[]), words);
    }
    for length in [0, 300, 512, 2_000, good.len() / 2, good.len() - 1_600] {
        fs::write(&bad, &good[..length]).expect("a file can be written");
        refused(&place.restore(&bad, Some(PASSPHRASE), &[]), "is damaged");
    }
    refused(&place.restore(&file, Some("another passphrase"), &[]), "the passphrase does not open the backup");
    refused(&place.restore(&file, None, &[]), "is sealed; give its passphrase");
    refused(&place.restore(Path::new("/nowhere.backup"), None, &[]), "cannot be read: No such file");
    refused(&place.restore(&file, Some("short"), &[]), "at least 12 characters");
    assert_eq!(done(&verify(&file, None))["opened"], false);
    assert!(names(&place.data()).iter().all(|name| name == "lock"), "{:?}", names(&place.data()));
    done(&place.restore(&file, Some(PASSPHRASE), &[]));
}

/// A process that is making a backup since so many milliseconds.
async fn backing_up_for(server: &Server, instant: u64) -> Child {
    let mut command = backup_command(server, Some(PASSPHRASE), &[]);
    let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    tokio::time::sleep(Duration::from_millis(instant)).await;
    process
}

#[tokio::test]
async fn a_backup_that_is_killed_leaves_no_half_a_backup() {
    let server = Server::start(&ENVIRONMENT).await;
    let owner = LivedIn::begin(&server).await;
    let backups = server.folder().join("backups");
    let mut cut_off = 0;
    for instant in INSTANTS {
        if cut_off > 2 {
            break;
        }
        let mut process = backing_up_for(&server, instant).await;
        process.kill().and_then(|()| process.wait()).expect("the process ends");
        for name in names(&backups) {
            if name.ends_with(".backup") {
                done(&verify(&backups.join(name), Some(PASSPHRASE)));
            } else {
                cut_off += 1;
            }
        }
    }
    assert!(cut_off > 0, "no backup was caught half-way");
    tokio::time::sleep(Duration::from_secs(1)).await;
    made(&server, Some(PASSPHRASE));
    assert!(names(&backups).iter().all(|name| name.ends_with(".backup")), "{:?}", names(&backups));
    owner.goes_on(&server).await;
}

#[tokio::test]
async fn a_backup_that_is_told_to_end_leaves_nothing_behind() {
    let server = Server::start(&ENVIRONMENT).await;
    server.register("acme").await;
    let backups = server.folder().join("backups");
    let mut ended = 0;
    for instant in INSTANTS {
        if ended > 2 {
            break;
        }
        let mut process = backing_up_for(&server, instant).await;
        support::terminate(&process);
        let end = process.wait().expect("the process ends");
        // Before it listens to signals it has not begun.
        ended += u32::from(end.code().is_some_and(|code| code != 0));
        assert!(names(&backups).iter().all(|name| name.ends_with(".backup")), "{:?}", names(&backups));
    }
    assert!(ended > 0, "no backup was caught half-way");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told_in_a_sentence() {
    let server = Server::start(&ENVIRONMENT).await;
    let file = server.folder().join("file");
    fs::write(&file, "").expect("a file can be written");
    let below = file.join("deeper/");
    refused(&backup(&server, None, &["--to", below.to_str().expect("text")]), "the backup cannot be written to");
    refused(&backup(&server, None, &["--to", file.to_str().expect("text")]), "is there already");
    let nowhere = binary(None, None).args(["backup", "--data", "/nowhere"]).output().expect("the binary starts");
    refused(&nowhere, "there is no installation in the data folder /nowhere");
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "whoever runs the tests reads it")]
async fn a_full_disk_is_told_in_a_sentence_and_left_as_it_was() {
    let server = Server::start(&ENVIRONMENT).await;
    let small = server.folder().join("small");
    fs::create_dir(&small).expect("a folder can be made");
    let plain = backup_command(&server, None, &["--to"]);
    let arguments: Vec<_> = plain.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let script = format!(
        "mount -t tmpfs -o size=8k tmpfs {small} || exit 77; {binary} {arguments} {small}; code=$?; ls {small}; exit $code",
        small = small.display(),
        binary = plain.get_program().to_string_lossy(),
        arguments = arguments.join(" "),
    );
    let mut unshare = Command::new("unshare");
    unshare.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
    if !server.database_url().is_empty() {
        unshare.env("ERPMAX_DATABASE__URL", server.database_url());
    }
    let output = unshare.output().expect("unshare is there");
    if !matches!(output.status.code(), Some(2)) {
        eprintln!("skipped: no small disk can be made here: {}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("full") || said.contains("No space left on device"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
async fn a_running_server_makes_one_a_day_and_keeps_some() {
    let mut server = Server::start(&ENVIRONMENT).await;
    let look = "SELECT count(*) FROM installation WHERE name = 'daily_backup'";
    until("the first look", Duration::from_secs(10), async || (server.count(look).await == 1).then_some(())).await;
    let backups = server.folder().join("backups");
    assert!(names(&backups).is_empty(), "a new installation waits for the time of day");
    server.set("BACKUP__KEEP", "2");
    server.set("BACKUP_PASSPHRASE", PASSPHRASE);
    for _ in 0..3 {
        assert!(server.terminate().await.success());
        server
            .execute("UPDATE installation SET value = replace(value, '\"at\":\"2', '\"at\":\"1') WHERE name = 'daily_backup'")
            .await;
        server.restart().await;
        let done =
            "SELECT count(*) FROM installation WHERE name = 'daily_backup' AND value LIKE '%\"done\",\"at\":\"2%'";
        until("the daily backup", Duration::from_secs(20), async || (server.count(done).await == 1).then_some(()))
            .await;
    }
    let kept = names(&backups);
    assert!(kept.len() == 2 && kept.iter().all(|name| name.starts_with("daily-")), "{kept:?}");
    assert_eq!(done(&verify(&backups.join(&kept[0]), Some(PASSPHRASE)))["opened"], true);
}

#[tokio::test]
async fn a_daily_backup_that_fails_is_an_error_in_the_log() {
    let mut server = Server::start(&[("LOG__FILTER", "error")]).await;
    let look = "SELECT count(*) FROM installation WHERE name = 'daily_backup'";
    until("the first look", Duration::from_secs(10), async || (server.count(look).await == 1).then_some(())).await;
    assert!(server.terminate().await.success());
    fs::write(server.folder().join("backups"), "in the way").expect("a file can be written");
    server
        .execute(
            "UPDATE installation SET value = replace(value, '\"at\":\"2', '\"at\":\"1') WHERE name = 'daily_backup'",
        )
        .await;
    server.restart().await;
    let look = async || server.log().contains("The daily backup failed").then_some(());
    until("the error", Duration::from_secs(20), look).await;
}

#[tokio::test]
async fn a_schema_is_changed_only_behind_a_backup() {
    let mut server = Server::start(&ENVIRONMENT).await;
    let registered = server.register("acme").await;
    assert!(server.terminate().await.success());
    // As if the last migration were still to come. It cannot be repeated, so that the start fails behind the backup.
    server.execute("DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)").await;
    let backups = server.folder().join("backups");
    fs::write(&backups, "in the way").expect("a file can be written");
    refused(&start(&server), "the backup before that failed");
    fs::remove_file(&backups).expect("it can be removed");
    let output = start(&server);
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be brought up to date"), "{output:?}");
    let kept = names(&backups);
    assert!(kept.len() == 1 && kept[0].starts_with("before-migration-"), "{kept:?}");
    done(&verify(&backups.join(&kept[0]), None));
    assert!(!support::text(&registered, "access_token").is_empty());
}

fn start(server: &Server) -> Output {
    let mut command = binary(Some(&server.database_url()), None);
    command.env("ERPMAX_LOG__FILTER", "off").args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(server.folder());
    command.output().expect("the binary starts")
}

#[tokio::test]
async fn programs_of_postgres_that_are_missing_or_old_are_named() {
    let Some(postgres) = postgres_server() else { return };
    let (folder, database) = (folder(), Database::create_postgres(&postgres));
    let url = database.url().expect("an address");
    let mut server = Server::on(&folder.path().join("data"), &[("DATABASE__URL", url)]).await;
    let old = folder.path().join("bin");
    fs::create_dir(&old).expect("a folder can be made");
    let run = |path: &Path| {
        let mut command = binary(Some(url), None);
        command.env("PATH", path).arg("backup").arg("--data").arg(server.folder()).output().expect("the binary starts")
    };
    refused(&run(&old), "pg_dump is not installed; install Debian's package postgresql-client");
    let script = old.join("pg_dump");
    fs::write(&script, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n").expect("a script can be written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it can be made executable");
    refused(&run(&old), "pg_dump is of PostgreSQL 9, and the server of");
    symlink("/bin/false", old.join("pg_restore")).expect("a link can be made");
    assert!(names(&server.folder().join("backups")).is_empty());
    assert!(server.terminate().await.success());
}

#[tokio::test]
async fn a_dump_that_postgres_cannot_read_is_no_good_backup() {
    let Some(postgres) = postgres_server() else { return };
    let (folder, database) = (folder(), Database::create_postgres(&postgres));
    let url = database.url().expect("an address");
    let mut server = Server::on(&folder.path().join("data"), &[("DATABASE__URL", url)]).await;
    let script = folder.path().join("pg_dump");
    fs::write(&script, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 99.0'\n").expect("a script can be written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it can be made executable");
    let mut command = binary(Some(url), Some(PASSPHRASE));
    let output = command.env("PATH", folder.path()).args(["--json", "backup", "--data"]).arg(server.folder()).output();
    let file = PathBuf::from(support::text(&done(&output.expect("the binary starts")), "file"));
    refused(&verify(&file, Some(PASSPHRASE)), "pg_restore failed");
    assert_eq!(done(&verify(&file, None))["opened"], false);
    assert!(server.terminate().await.success());
}

#[tokio::test]
async fn backups_are_listed_newest_first() {
    let server = Server::start(&ENVIRONMENT).await;
    let first = made(&server, Some(PASSPHRASE));
    let second = made(&server, None);
    let mut command = binary(Some(&server.database_url()), None);
    let output = command.args(["--json", "backup", "list", "--data"]).arg(server.folder()).output();
    let list = done(&output.expect("the binary starts"));
    let files: Vec<_> = list["backups"].as_array().expect("a list").iter().map(|backup| &backup["file"]).collect();
    assert_eq!(files, [second.to_str().expect("text"), first.to_str().expect("text")]);
}
