//! What a run spends on models and time, and what it may spend.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use flowstone_core::{
    Bill, Capability, ChatModel, ChatReply, ChatRequest, Error, Events, Purse, Result, Usage,
};
use serde::{Deserialize, Serialize};

/// What a model call costs in US dollars, by the kind of its node and the name of its model; `None`
/// where that is not known.
pub type Price = Arc<dyn Fn(&str, &str, Usage) -> Option<f64> + Send + Sync>;

/// What a run has spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Spent {
    /// Tokens that models read.
    pub input_tokens: u64,
    /// Tokens that models wrote.
    pub output_tokens: u64,
    /// US dollars, of the calls whose price is known.
    pub cost: f64,
    /// Milliseconds of walking; waiting for a person costs nothing.
    pub milliseconds: u64,
}

/// What a run may spend; saved in the envelope of the node that begins. No limit where one is left
/// out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Budget {
    /// Tokens that models read and write.
    tokens: Option<u64>,
    /// US dollars.
    cost: Option<f64>,
    /// Seconds of walking.
    seconds: Option<f64>,
}

/// Counts what a run spends; cheap to clone.
#[derive(Clone)]
pub(super) struct Meter(Arc<Inside>);

struct Inside {
    budget: Budget,
    price: Option<Price>,
    /// What the run that asked this one pays from.
    above: Option<Arc<dyn Purse>>,
    began: Instant,
    /// What was spent before this walk.
    before: Spent,
    /// What models spent in it.
    models: Mutex<Bill>,
    /// Why a call was not made.
    refused: Mutex<Option<String>>,
}

impl Meter {
    pub(super) fn new(
        budget: Budget,
        price: Option<Price>,
        above: Option<Arc<dyn Purse>>,
        before: Spent,
    ) -> Self {
        Self(Arc::new(Inside {
            budget,
            price,
            above,
            began: Instant::now(),
            before,
            models: Mutex::default(),
            refused: Mutex::default(),
        }))
    }

    /// All that the run has spent so far.
    pub(super) fn spent(&self) -> Spent {
        let models = *self.0.models.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.0.before;
        let walked = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Spent {
            input_tokens: before.input_tokens + models.input_tokens,
            output_tokens: before.output_tokens + models.output_tokens,
            cost: before.cost + models.cost,
            milliseconds: before.milliseconds.saturating_add(walked),
        }
    }

    /// How long the run may still walk; for ever where nothing is said of it.
    pub(super) fn time_left(&self) -> Duration {
        let Some(seconds) = self.0.budget.seconds.filter(|it| *it > 0.0) else {
            return Duration::MAX;
        };
        let all = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        all.saturating_sub(Duration::from_millis(self.spent().milliseconds))
    }

    /// What is said of a run whose time is over.
    pub(super) fn time_over(&self) -> Error {
        let seconds = self.0.budget.seconds.unwrap_or_default();
        Error::Unsupported(format!(
            "the run has taken the {seconds} seconds that its budget allows"
        ))
    }

    /// Why a model was not asked, where the budget had ended.
    pub(super) fn refusal(&self) -> Option<Error> {
        let refused = self.0.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
        refused.map(Error::Unsupported)
    }

    /// Counts the calls of a model that was chosen in the node kind `node`.
    pub(super) fn watch(&self, built: Capability, node: &'static str) -> Capability {
        match built {
            Capability::ChatModel(inner) => {
                Capability::ChatModel(Arc::new(Metered { inner, node, meter: self.clone() }))
            }
            other => other,
        }
    }

    fn count(&self, node: &str, model: &str, usage: Usage) {
        let cost = self.0.price.as_ref().and_then(|it| it(node, model, usage));
        self.pay(Bill {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cost: cost.unwrap_or_default(),
        });
    }
}

impl Purse for Meter {
    fn allow(&self) -> Result<()> {
        let (spent, budget) = (self.spent(), self.0.budget);
        let tokens = spent.input_tokens + spent.output_tokens;
        let over = if budget.tokens.is_some_and(|most| tokens >= most) {
            let most = budget.tokens.unwrap_or_default();
            format!("the run has spent {tokens} tokens, and its budget is {most}")
        } else if budget.cost.is_some_and(|most| spent.cost >= most) {
            let most = budget.cost.unwrap_or_default();
            format!("the run has spent {:.4} dollars, and its budget is {most}", spent.cost)
        } else {
            return self.0.above.as_ref().map_or(Ok(()), |it| it.allow());
        };
        let said = format!("{over}: no further model is asked");
        *self.0.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(said.clone());
        Err(Error::Unsupported(said))
    }

    fn pay(&self, bill: Bill) {
        let mut models = self.0.models.lock().unwrap_or_else(PoisonError::into_inner);
        *models += bill;
        drop(models);
        if let Some(above) = &self.0.above {
            above.pay(bill);
        }
    }
}

/// A model whose calls are counted.
struct Metered {
    inner: Arc<dyn ChatModel>,
    node: &'static str,
    meter: Meter,
}

#[async_trait]
impl ChatModel for Metered {
    fn provider(&self) -> &str {
        self.inner.provider()
    }
    fn model(&self) -> &str {
        self.inner.model()
    }
    fn takes_images(&self) -> bool {
        self.inner.takes_images()
    }
    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        self.meter.allow()?;
        let reply = self.inner.chat(request, events).await?;
        if let Some(usage) = reply.usage {
            self.meter.count(self.node, self.inner.model(), usage);
        }
        Ok(reply)
    }
}
