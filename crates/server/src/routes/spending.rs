//! What was spent on models, by flow and by API key.

use std::collections::HashMap;

use axum::{Json, extract::State};
use flowstone_store::{Spending, SpendingFilter, SpendingOf};
use schemars::JsonSchema;
use serde::Serialize;
use ts_rs::TS;

use super::flow_view::flow_names;
use crate::{
    AppState, Caller, Problem, Query,
    openapi::{Kind, doc},
    problem::Result,
    route::{Policy, Routes},
};

const VIEWS: Policy = Policy::Caller(&["executions:view"]);

/// By what it is summed up.
const BY: &[&str] = &["flow", "apiKey"];

pub(super) fn routes() -> Routes {
    Routes::new().get("/spending", VIEWS, list).doc(
        doc("Tell what was spent on models, by flow or by API key")
            .details(
                "Sums up the runs that are kept, those that spent most first. A flow's row holds what \
                 the flows that it asked have spent too; the total counts each of these once.",
            )
            .query("by", Kind::Choice(BY), "By what: `flow`, or `apiKey`. Flows where it is not said.")
            .query("from", Kind::Time, "Only runs that began then or later.")
            .query("to", Kind::Time, "Only runs that began until then.")
            .gives::<SpendingList>(),
    )
}

/// What was spent.
#[derive(Serialize, JsonSchema, TS)]
#[ts(export)]
struct SpendingList {
    /// In all runs together.
    total: Spent,
    rows: Vec<SpendingRow>,
}

/// What some runs have spent.
#[derive(Default, Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
struct Spent {
    /// How many runs.
    #[ts(type = "number")]
    runs: i64,
    /// Tokens that models read.
    #[ts(type = "number")]
    input_tokens: i64,
    /// Tokens that models wrote.
    #[ts(type = "number")]
    output_tokens: i64,
    /// US dollars, of the calls whose price is known.
    cost: f64,
}

/// What the runs of a flow, or of a key, have spent.
#[derive(Serialize, JsonSchema, TS)]
#[ts(export)]
struct SpendingRow {
    /// Id of the flow or the key; none for calls that showed no key.
    id: Option<String>,
    /// Its name, while it is there.
    name: Option<String>,
    #[serde(flatten)]
    spent: Spent,
}

impl Spent {
    fn of(runs: i64, spent: Spending) -> Self {
        let Spending { input_tokens, output_tokens, cost } = spent;
        Self { runs, input_tokens, output_tokens, cost }
    }
}

async fn list(
    State(state): State<AppState>,
    caller: Caller,
    query: Query,
) -> Result<Json<SpendingList>> {
    let by = query.get("by").unwrap_or("flow");
    if !BY.contains(&by) {
        return Err(Problem::bad_request(format!("by: {by:?} is neither of flow, apiKey")));
    }
    let filter = SpendingFilter { start: query.time("from")?, end: query.end("to")? };
    state.run_log.write(&state).await;
    let spending = state.store.spending();
    let keys = spending.list(&caller.scope, SpendingOf::Keys, filter).await?;
    let mut total = Spent::default();
    for row in &keys {
        total.runs += row.runs;
        total.input_tokens += row.spent.input_tokens;
        total.output_tokens += row.spent.output_tokens;
        total.cost += row.spent.cost;
    }
    let (rows, names) = if by == "flow" {
        let rows = spending.list(&caller.scope, SpendingOf::Flows, filter).await?;
        let ids = rows.iter().filter_map(|it| it.id.as_deref());
        let names = flow_names(&state, &caller, ids).await?;
        (rows, names.into_iter().map(|(id, (name, _))| (id, name)).collect())
    } else {
        let (names, _) = state.store.api_keys().list(&caller.scope, None).await?;
        (keys, names.into_iter().map(|it| (it.id, it.key_name)).collect::<HashMap<_, _>>())
    };
    let rows = rows.into_iter().map(|row| SpendingRow {
        name: row.id.as_ref().and_then(|it| names.get(it)).cloned(),
        id: row.id,
        spent: Spent::of(row.runs, row.spent),
    });
    Ok(Json(SpendingList { rows: rows.collect(), total }))
}
