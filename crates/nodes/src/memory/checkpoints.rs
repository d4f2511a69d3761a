//! Keeping the state of the first agentflows: the rows of the forms, and servers of users.

use std::sync::Arc;

use flowstone_core::{
    Input, Inputs, Result,
    sequence::{Checkpoints, OwnCheckpoints},
};
use serde_json::Value;

pub(super) const SETTINGS: Input<Option<Value>> = Input::json(
    "Additional Connection Configuration",
    "additionalConfig",
)
.describe("A JSON object; of it only ssl is taken: true refuses a connection that is not encrypted")
.additional()
.optional();

/// The checkpoints of this installation's own database.
pub(super) fn own(inputs: &Inputs) -> Result<Arc<dyn Checkpoints>> {
    Ok(inputs.services.get::<OwnCheckpoints>()?.0.clone())
}

#[cfg(feature = "sql")]
pub(super) use servers::in_server;

#[cfg(feature = "sql")]
mod servers {
    use std::sync::Arc;

    use async_trait::async_trait;
    use flowstone_core::{
        Error, Inputs, Result, Run,
        sequence::{Checkpoint, Checkpoints},
    };
    use flowstone_sql::{CheckpointRow, CheckpointTable, Kind};

    use crate::record_manager::server;

    /// The checkpoints in the server that a form names.
    pub(in crate::memory) async fn in_server(
        inputs: &Inputs,
        kind: Kind,
        usual_port: u16,
    ) -> Result<Arc<dyn Checkpoints>> {
        let targets = server(inputs, kind, usual_port).await?;
        Ok(Arc::new(Server(CheckpointTable::new(targets))))
    }

    struct Server(CheckpointTable);

    fn failed(error: flowstone_sql::Error) -> Error {
        Error::Transport(format!("the state of the conversation could not be kept: {error}"))
    }

    #[async_trait]
    impl Checkpoints for Server {
        async fn newest(&self, run: &Run) -> Result<Option<Checkpoint>> {
            let row = self.0.newest(&run.session_id).await.map_err(failed)?;
            Ok(row.map(|it| Checkpoint {
                id: it.id,
                parent: it.parent,
                // What another program wrote is none of ours.
                state: serde_json::from_slice(&it.checkpoint).unwrap_or_default(),
                metadata: serde_json::from_slice(&it.metadata).unwrap_or_default(),
            }))
        }

        async fn keep(&self, run: &Run, checkpoint: &Checkpoint) -> Result<()> {
            let row = CheckpointRow {
                id: checkpoint.id.clone(),
                parent: checkpoint.parent.clone(),
                checkpoint: checkpoint.state.to_string().into_bytes(),
                metadata: checkpoint.metadata.to_string().into_bytes(),
            };
            self.0.keep(&run.session_id, &row).await.map_err(failed)
        }

        async fn remove(&self, run: &Run, ids: &[String]) -> Result<u64> {
            self.0.remove(&run.session_id, ids).await.map_err(failed)
        }

        async fn remove_before(&self, run: &Run, id: &str) -> Result<()> {
            self.0.remove_before(&run.session_id, id).await.map_err(failed)
        }
    }
}
