//! Variables: values that flows read by name.

use chrono::{DateTime, Utc};
use sea_orm::{EntityTrait, QueryFilter};

use crate::{
    Order, Page, Result, Store, WorkspaceScope,
    entities::variable::{ActiveModel, Column, Entity},
    query::{self, Table, change},
};

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Id.
    pub id: String,
    /// Name that flows read it by.
    pub name: String,
    /// Its value.
    pub value: Option<String>,
    /// `static`, or `runtime` for one that is read from the environment.
    pub variable_type: String,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last saved.
    pub updated_date: DateTime<Utc>,
    /// The workspace it belongs to.
    pub workspace_id: String,
}

/// What to change in a variable. `None` leaves a field as it is; `Some(None)` empties the value.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::option_option,
    reason = "outside: whether to write; inside: what, as the column may be empty"
)]
pub struct VariablePatch {
    /// Name that flows read it by.
    pub name: Option<String>,
    /// Its value.
    pub value: Option<Option<String>>,
    /// `static` or `runtime`.
    pub variable_type: Option<String>,
    /// The time of this change.
    pub updated_date: Option<DateTime<Utc>>,
}

/// The variables; see [`Store::variables`].
#[derive(Debug)]
pub struct Variables<'a>(pub(crate) &'a Store);

impl Variables<'_> {
    /// One variable.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<Variable> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// Variables, the last saved first, and how many there are in all.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        page: Option<Page>,
    ) -> Result<(Vec<Variable>, u64)> {
        let variables = Entity::find().filter(Entity::in_scope(scope));
        query::list(
            self.0.reader(),
            query::by_time(variables, Column::UpdatedDate, Order::Descending),
            page,
        )
        .await
    }

    /// Adds a variable. An id that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, variable: &Variable) -> Result<()> {
        query::insert_in_scope::<Entity>(
            self.0.writer(),
            scope,
            &variable.workspace_id,
            variable.into(),
        )
        .await
    }

    /// Changes a variable and gives it back.
    pub async fn update(
        &self,
        scope: &WorkspaceScope,
        id: &str,
        patch: VariablePatch,
    ) -> Result<Variable> {
        let row = ActiveModel {
            name: change(patch.name),
            value: change(patch.value),
            variable_type: change(patch.variable_type),
            updated_date: change(patch.updated_date),
            ..Default::default()
        };
        Ok(query::update(self.0, scope, id, query::changes::<Entity>(Entity::WHAT, row)?)
            .await?
            .into())
    }

    /// Deletes a variable; how many there were, 0 or 1.
    pub async fn delete(&self, scope: &WorkspaceScope, id: &str) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, &[id]).await
    }
}
