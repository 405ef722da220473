//! The process dies between any two statements of sending a mail, and is started again: the mail is sent all the same, and only
//! where it died after the sending it is sent twice, as the same mail.

use std::time::Duration;

use crate::support::{Mail, Person, TestApp};

const SUBJECT: &str = "You are a member now";
/// Sending takes no more statements, with looking for it.
const MOST: u64 = 100;

async fn is_sent(app: &TestApp, address: &str) -> bool {
    let status = format!("SELECT status FROM mails WHERE address = '{address}'");
    app.database().texts(&status).await == ["sent"]
}

/// Works until the mail is sent or nothing reaches the database any more; whether it was sent.
async fn work_until_cut_off(app: &TestApp, address: &str, after: u64) -> bool {
    let last = app.core().store().statements() + after;
    app.core().store().cut_off_after(after);
    app.work();
    loop {
        if is_sent(app, address).await {
            return true;
        }
        if app.core().store().statements() > last {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn the_one(mails: Vec<Mail>) -> Option<String> {
    assert!(mails.len() <= 1, "{mails:?}");
    mails.into_iter().next().map(|mail| mail.id)
}

#[tokio::test]
async fn a_mail_whose_sending_is_cut_off_between_two_statements_is_sent_and_is_the_same() {
    let (mut app, mut sent_before_the_end, mut ended, mut after) = (TestApp::quiet().await, 0, false, 0);
    while !ended {
        assert!(after < MOST, "the mail is never sent");
        let acme = app.tenant(&super::company_name()).await;
        let address = format!("known@{}.example", acme.name);
        Person::register(&app, &address, &address).await;
        acme.invite(&address, "user").await;
        ended = work_until_cut_off(&app, &address, after).await;
        app = app.after_its_death().await;
        let first = the_one(app.mails_to(&address));
        app.work();
        let mail = app.mail_to(&address, SUBJECT).await;
        while !is_sent(&app, &address).await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let second = the_one(app.mails_to(&address));
        assert!(first.is_none() || first == second, "{first:?} and {second:?}");
        sent_before_the_end += u32::from(first.is_some() && !ended);
        assert_eq!(Some(mail.id), second);
        app = app.after_its_death().await;
        after += 1;
    }
    assert!(sent_before_the_end > 0, "no death came between the sending and its note");
}
