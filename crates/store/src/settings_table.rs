//! Facts about this installation, such as its id: one short text per key.

use sea_orm::{DbErr, EntityTrait, IntoActiveModel, sea_query::OnConflict};

use crate::{
    Error, Result, Store,
    entities::setting::{Column, Entity, Model},
    query,
};

const WHAT: &str = "setting";

/// The settings; see [`Store::settings`]. Not for secrets: these lie in the database as plain text.
#[derive(Debug)]
pub struct Settings<'a>(pub(crate) &'a Store);

impl Settings<'_> {
    /// The value of a setting.
    pub async fn get(&self, key: &str) -> Result<Option<String>> {
        let setting = Entity::find_by_id(key).one(self.0.reader()).await.map_err(failed)?;
        Ok(setting.map(|it| it.value))
    }

    /// Writes a setting, new or not.
    pub async fn put(&self, key: &str, value: &str) -> Result<()> {
        let row = Model { key: key.to_owned(), value: value.to_owned() };
        let replace = OnConflict::column(Column::Key).update_column(Column::Value).to_owned();
        let row = row.into_active_model();
        query::check_texts(WHAT, &row)?;
        Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(self.0.writer())
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// The value of a setting, which is `value` from now on if it had none. Of several callers at
    /// the same moment one wins, and all get the same answer.
    pub async fn get_or_put(&self, key: &str, value: &str) -> Result<String> {
        if let Some(value) = self.get(key).await? {
            return Ok(value);
        }
        let row = Model { key: key.to_owned(), value: value.to_owned() };
        match query::insert::<Entity>(self.0.writer(), WHAT, row).await {
            Ok(()) => Ok(value.to_owned()),
            Err(Error::Conflict { .. }) => {
                self.get(key).await?.ok_or_else(|| Error::not_found(WHAT, key))
            }
            Err(error) => Err(error),
        }
    }
}

fn failed(error: DbErr) -> Error {
    Error::database(WHAT, error)
}
