//! `erpmax billing`: what would happen to a subscription when.

use erpmax_core::Clock;
use erpmax_core::billing::life::{Act, Line, Suppositions, look_at, simulate as simulated, table};
use serde_json::{Value, json};

use crate::args::SimulateArgs;
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::printer::Printer;

pub(crate) fn simulate(args: &SimulateArgs, printer: &Printer) -> Result<(), Failure> {
    crate::runtime()?.block_on(print_simulation(args, printer))
}

async fn print_simulation(args: &SimulateArgs, printer: &Printer) -> Result<(), Failure> {
    let configuration = args.place.load()?;
    let settings = configuration.settings(configuration.first_port(), &configuration.data)?;
    let store = DataFolder::look(&configuration)?.open_store(&configuration).await?;
    let found = look_at(&store, &args.tenant).await.map_err(Failure::unexpected)?;
    store.close().await;
    let (tenant, subscription, life) = found.ok_or_else(|| {
        Failure::wrong(format!("there is no company `{}` with a subscription; give its slug or its id", args.tenant))
    })?;
    let now = Clock::System.now();
    let supposed = Suppositions { now, days: args.days, acts: acts(args), period: subscription.billing_period };
    let lines = simulated(life, &settings.billing.policy, &supposed);
    let document: Vec<Value> = lines.iter().map(as_json).collect();
    let status = subscription.status;
    let text = format!("{} ({}) is {status} now.\n{}", tenant.name, tenant.slug, table(&lines, now));
    printer.result(
        &json!({"tenant_id": tenant.id, "status": status, "now": now, "happenings": document}),
        text.trim_end(),
    );
    Ok(())
}

fn acts(args: &SimulateArgs) -> Vec<(u32, Act)> {
    let payments = args.pays_on.iter().map(|day| (*day, Act::Pay));
    payments.chain(args.cancels_on.map(|day| (day, Act::Cancel))).collect()
}

fn as_json(line: &Line) -> Value {
    json!({
        "at": line.at, "happening": line.happening.name(), "days": line.happening.days(), "status": line.life.status,
        "site": line.life.site.name(), "ends_at": line.life.ends_at, "deadline": line.life.deadline,
    })
}
