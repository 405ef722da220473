//! Every letter in every language.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use erpmax_types::Timestamp;
use erpmax_types::provisioning::JobType;
use erpmax_types::users::Role;

use super::letter::Letter;
use super::render::{Page, render};
use crate::messages::Language;

const URL: &str = "https://erpmax.example";

/// One of each kind.
fn samples() -> Vec<Letter> {
    let (company, plan, amount) = ("ТОВ «Ромашка»".to_owned(), "Business".to_owned(), "29.00 USD".to_owned());
    let (company, plan, amount) = (|| company.clone(), || plan.clone(), || amount.clone());
    let link = |page: &str| format!("{URL}/{page}?token=Zm9yLWV4YW1wbGUtYS10b2tlbi1vZi0yNTYtcmFuZG9tLWJpdHM");
    let until: Timestamp = "2026-12-09T10:32:00Z".parse().expect("a time");
    vec![
        Letter::VerifyAddress { link: link("verify-email") },
        Letter::VerifyNewAddress { link: link("change-email") },
        Letter::AddressChangeAsked { new_address: "h•••@acme.example".into() },
        Letter::AddressChanged { old_address: "owner@acme.example".into(), new_address: "head@acme.example".into() },
        Letter::PasswordReset { link: link("reset-password") },
        Letter::PasswordChanged,
        Letter::Invitation {
            company: company(),
            inviter: "Acme owner".into(),
            role: Role::Admin,
            link: link("invitation"),
            until,
        },
        Letter::Joined { company: company(), role: Role::User },
        Letter::RoleChanged { company: company(), role: Role::Owner },
        Letter::Removed { company: company() },
        Letter::JobFailed { company: company(), job_type: JobType::CreateSite, reason: "The disk is full.".into() },
        Letter::JobFailed { company: company(), job_type: JobType::DeleteSite, reason: "It is in use.".into() },
        Letter::JobFailed { company: company(), job_type: JobType::BackupSite, reason: "The disk is full.".into() },
        Letter::PaymentReceived { company: company(), plan: plan(), amount: amount() },
        Letter::PaymentFailed { company: company(), plan: plan(), amount: amount() },
        Letter::PaymentRefunded { company: company(), plan: plan(), amount: amount() },
        Letter::SubscriptionChanged { company: company(), plan: plan(), until },
        Letter::SubscriptionCancelled { company: company() },
        Letter::SubscriptionOver { company: company() },
        Letter::SubscriptionEnds { company: company(), until },
        Letter::SubscriptionResumed { company: company(), until },
        Letter::TrialEnds { company: company(), days: 3, until },
        Letter::PeriodEnds { company: company(), days: 1, until },
        Letter::GraceBegan { company: company(), until },
        Letter::SiteSuspended { company: company(), until },
        Letter::DeletionSoon { company: company(), until },
        Letter::OwnershipGiven { company: company(), person: "Acme admin".into() },
        Letter::OwnershipReceived { company: company(), person: "Acme owner".into() },
        Letter::NewDevice { device: "Firefox, Linux".into(), address: "192.0.2.7".into(), at: until },
        Letter::SessionsEnded,
        Letter::SecondFactorOn,
        Letter::SecondFactorOff,
        Letter::SupportAccess { company: company(), reason: "Ticket 4711".into(), until },
        Letter::Test,
    ]
}

fn locales() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("locales")
}

fn languages() -> Vec<String> {
    let folders = std::fs::read_dir(locales()).expect("there are catalogues");
    folders.map(|folder| folder.expect("a folder").file_name().to_string_lossy().into_owned()).collect()
}

/// The messages of a language's catalogue of mails, each with its attributes.
fn messages(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text =
        std::fs::read_to_string(locales().join(language).join("mail.ftl")).expect("there is a catalogue of mails");
    let mut messages = BTreeMap::<String, BTreeSet<String>>::new();
    let mut present = String::new();
    for line in text.lines() {
        let Some((name, _)) = line.split_once(" =") else { continue };
        if let Some(attribute) = name.strip_prefix("    .") {
            messages.entry(present.clone()).or_default().insert(attribute.to_owned());
        } else if name.starts_with("mail-") {
            present = name.to_owned();
            messages.entry(present.clone()).or_default();
        }
    }
    messages
}

fn write(language: &str, name: &str, letter: &Letter) -> Page {
    render(&Language::from_tag(language), name, letter, URL).expect("the layout fits")
}

#[test]
fn every_catalogue_has_the_same_messages_and_every_letter_is_sampled() {
    let english = messages("en");
    for language in languages() {
        assert_eq!(messages(&language), english, "{language}");
    }
    let letters = english.iter().filter(|(_, parts)| !parts.is_empty()).map(|(name, _)| name.clone());
    let sampled = samples().iter().map(|letter| format!("mail-{}", letter.kind())).collect::<BTreeSet<_>>();
    assert_eq!(letters.collect::<BTreeSet<_>>(), sampled);
    assert!(english.values().all(|parts| parts.is_empty() || parts.iter().eq(["button", "note", "text"])));
}

#[test]
fn every_letter_is_complete_in_every_language() {
    for language in languages() {
        for letter in samples() {
            let page = write(&language, "Acme owner", &letter);
            let place = format!("{} in {language}", letter.kind());
            for part in [&page.subject, &page.text] {
                assert!(!part.contains('{') && !part.contains("mail-"), "{place}: {part}");
            }
            assert!(page.text.contains("Acme owner") && page.html.contains("Acme owner"), "{place}");
            let link = letter.link().unwrap_or(URL);
            assert!(page.text.contains(link), "{place} lacks its link as text");
            assert_eq!(page.html.matches(&format!("href=\"{link}\"")).count(), 2, "{place}: button and address");
            assert!(page.html.contains(&format!("lang=\"{language}\"")), "{place}");
        }
    }
}

#[test]
fn subjects_are_the_catalogues_words_alone() {
    for letter in samples() {
        let subject = write("uk", "Acme owner", &letter).subject;
        assert!(!subject.contains("Ромашка") && !subject.contains("Acme"), "{subject}");
    }
}

#[test]
fn what_a_customer_writes_becomes_neither_markup_nor_a_link() {
    let letter = Letter::Invitation {
        company: "<img src=x onerror=alert(1)>\u{202e}".into(),
        inviter: "Win at evil.example/prize".into(),
        role: Role::User,
        link: format!("{URL}/invitation?token=x"),
        until: Timestamp::from_micros(0),
    };
    let page = write("en", "https://evil.example", &letter);
    assert!(!page.html.contains("<img") && page.html.contains("&#60;img"), "{}", page.html);
    assert!(!page.html.contains('\u{202e}') && !page.text.contains('\u{202e}'));
    assert!(!page.html.contains("evil") && !page.text.contains("evil"), "{}", page.text);
    assert!(page.text.starts_with("Hello,\n") && page.text.contains("a colleague invites you"), "{}", page.text);
}

#[test]
fn numbers_and_days_follow_the_language() {
    let until = "2026-03-04T10:32:00Z".parse().expect("a time");
    let ends = |language, days| write(language, "", &Letter::TrialEnds { company: "Acme".into(), days, until }).text;
    assert!(ends("en", 1).contains("in 1 day, on 4 March 2026."), "{}", ends("en", 1));
    assert!(ends("en", 7).contains("in 7 days"));
    assert!(ends("uk", 1).contains("1 день"));
    assert!(ends("uk", 3).contains("3 дні: він триває до 4 березня 2026 р."), "{}", ends("uk", 3));
    assert!(ends("uk", 7).contains("7 днів"));
}

#[test]
fn a_letter_is_read_back_as_it_was_kept() {
    for letter in samples() {
        let kept = serde_json::to_value(&letter).expect("a letter can be kept");
        assert_eq!(kept["kind"], letter.kind());
        let read: Letter = serde_json::from_value(kept).expect("a letter can be read");
        assert_eq!(write("en", "", &read).text, write("en", "", &letter).text);
    }
}

/// For `cargo xtask pictures`.
#[test]
#[ignore = "writes the letters into target/letters, to be looked at"]
fn lay_the_letters_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/letters");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    for language in languages() {
        for letter in samples() {
            let file = folder.join(format!("{}-{language}.html", letter.kind()));
            std::fs::write(file, write(&language, "Acme owner", &letter).html).expect("a file can be written");
        }
    }
}
