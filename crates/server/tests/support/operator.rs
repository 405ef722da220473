//! An operator of the installation.

use std::ops::Deref;

use serde_json::{Value, json};

use super::{Factor, Person, TestApp, TestTenant};

/// An operator with a second factor, who showed the password just now.
#[derive(Clone)]
pub(crate) struct TestOperator(Person);

impl Deref for TestOperator {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl TestApp {
    /// Makes somebody an operator, as the command line does.
    pub(crate) async fn operator(&self, name: &str) -> TestOperator {
        let person = self.person(name).await;
        self.raise(&person).await;
        Factor::of(&person).await;
        TestOperator(person)
    }

    /// Makes an account an operator's, without a second factor.
    pub(crate) async fn raise(&self, person: &Person) {
        let sql = format!("UPDATE users SET is_superuser = true WHERE id = '{}'", person.id);
        assert_eq!(self.database().execute(&sql).await, 1);
    }
}

impl TestOperator {
    /// Opens an access to a company's site; the answer's `data`.
    pub(crate) async fn enter(&self, tenant: &TestTenant, minutes: u32) -> Value {
        let body = json!({"reason": "Ticket 4711", "minutes": minutes});
        self.post(&format!("/operator/tenants/{}/access", tenant.id), body).await.ok()
    }
}
