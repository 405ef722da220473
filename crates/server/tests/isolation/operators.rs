//! An operator has no right inside tenants, and nobody else has an operator's.

use axum::http::Method;

use super::company::Company;
use crate::support::{Ids, Operation, Person, TestApp, TestOperator, operations, random_id};

fn of_tenants(operation: &Operation) -> bool {
    operation.path.starts_with("/tenants/{id}")
}

fn of_operators(operation: &Operation) -> bool {
    operation.path.starts_with("/operator/")
}

async fn send(operation: &Operation, person: &Person, ids: &Ids, token: Option<&str>) -> (u16, String) {
    let answer = operation.request(ids).call(&operation.method, person, token).send().await;
    (answer.status(), format!("{} {}: {}", operation.id, answer.code(), answer.text))
}

#[tokio::test]
async fn an_operator_finds_nothing_behind_the_addresses_of_a_tenant() {
    let app = TestApp::start().await;
    let [company, _] = Company::found_two(&app).await;
    let operator = app.operator("operator").await;
    let before = company.look().await;
    let tried: Vec<_> = operations().into_iter().filter(of_tenants).collect();
    assert!(tried.len() >= 10, "{tried:?}");
    for operation in tried {
        let (status, told) = send(&operation, &operator, &company.ids, Some(&operator.access())).await;
        assert!(status == 403 || status == 404, "{told}");
    }
    assert_eq!(company.look().await, before);
}

#[tokio::test]
async fn nor_behind_those_that_speak_of_the_current_tenant() {
    let app = TestApp::start().await;
    let [company, _] = Company::found_two(&app).await;
    let operator = app.operator("operator").await;
    let seen = ["/tenants", "/tenants/current", "/provisioning/jobs", "/billing/invoices", "/notifications"];
    for path in seen {
        let answer = operator.get(path).await;
        assert!(!answer.text.contains(&company.mark), "{path}: {}", answer.text);
    }
    operator
        .post("/auth/switch-tenant", serde_json::json!({"tenant_id": company.ids.tenant}))
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn what_operators_ask_for_does_not_exist_for_anybody_else() {
    let app = TestApp::start().await;
    let [company, _] = Company::found_two(&app).await;
    let tried: Vec<_> = operations().into_iter().filter(of_operators).collect();
    assert!(tried.len() >= 8, "{tried:?}");
    let random = Ids { tenant: random_id(), access: random_id(), ..company.ids.clone() };
    for operation in tried {
        for person in [&company.owner, &company.admin, &company.user, &app.person(&random_id()).await] {
            for ids in [&company.ids, &random] {
                let (status, told) = send(&operation, person, ids, Some(&person.access())).await;
                assert_eq!(status, 404, "{told}");
                assert_eq!(send(&operation, person, ids, None).await.0, 401, "{told}");
            }
        }
    }
}

#[tokio::test]
async fn an_operator_gets_to_all_that_operators_ask_for() {
    let app = TestApp::start().await;
    let [company, _] = Company::found_two(&app).await;
    let operator: TestOperator = app.operator("operator").await;
    for operation in operations().into_iter().filter(of_operators) {
        let (status, told) = send(&operation, &operator, &company.ids, Some(&operator.access())).await;
        assert_eq!(status, 200, "{told}");
        if operation.path.contains("{id}") {
            let ids = Ids { tenant: random_id(), ..company.ids.clone() };
            let (status, told) = send(&operation, &operator, &ids, Some(&operator.access())).await;
            assert_eq!(status, 404, "{told}");
        }
    }
    assert_eq!(operator.call(Method::POST, "/operator/summary").send().await.status(), 405);
}
