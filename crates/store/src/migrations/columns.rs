//! How columns and tables are declared, where the databases differ.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use sea_orm_migration::{
    SchemaManager,
    sea_query::{
        ColumnDef, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement, Index,
        IndexCreateStatement, Table, TableCreateStatement,
    },
};

/// Declares the tables of one migration in the dialect of the database at hand.
pub(super) struct Schema<'a> {
    manager: &'a SchemaManager<'a>,
    backend: DbBackend,
    collation: Option<&'static str>,
}

impl<'a> Schema<'a> {
    /// Looks at the database.
    pub(super) async fn of(manager: &'a SchemaManager<'a>) -> Result<Self, DbErr> {
        let backend = manager.get_database_backend();
        let collation = match backend {
            DbBackend::MySql => Some(exact_collation(manager).await?),
            _ => None,
        };
        Ok(Self { manager, backend, collation })
    }

    /// A new table, without columns.
    pub(super) fn table(&self, name: &'static str) -> TableCreateStatement {
        let mut table = Table::create().table(name).to_owned();
        if let Some(collation) = self.collation {
            table.engine("InnoDB").character_set("utf8mb4").collate(collation);
        }
        table
    }

    /// A text of any length. MySQL's own `TEXT` ends at 64 KB.
    pub(super) fn text(&self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.backend {
            DbBackend::MySql => column.custom("LONGTEXT"),
            _ => column.text(),
        };
        column.not_null().to_owned()
    }

    /// A time in UTC, to the millisecond. MySQL's own `TIMESTAMP` has whole seconds only and
    /// depends on the connection's time zone.
    pub(super) fn time(&self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.backend {
            DbBackend::MySql => column.custom("DATETIME(3)"),
            DbBackend::Postgres => column.custom("TIMESTAMPTZ(3)"),
            _ => column.timestamp_with_time_zone(),
        };
        column.not_null().to_owned()
    }

    /// Makes the table with its indexes.
    pub(super) async fn create(
        &self,
        mut table: TableCreateStatement,
        indexes: Vec<IndexCreateStatement>,
    ) -> Result<(), DbErr> {
        if self.backend == DbBackend::MySql {
            // All in one statement, since each is committed at once.
            for mut index in indexes {
                table.index(&mut index);
            }
            return self.manager.create_table(table).await;
        }
        self.manager.create_table(table).await?;
        for index in indexes {
            self.manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// An index over the columns of a table.
pub(super) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index =
        Index::create().name(format!("idx_{table}_{}", columns.join("_"))).table(table).to_owned();
    for column in columns {
        index.col(*column);
    }
    index
}

/// An index over the columns of a table, no two rows of which may be the same there.
pub(super) fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(table, columns).unique().to_owned()
}

/// An id: a UUID as text, so that it can be read, searched for and copied everywhere.
pub(super) fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string_len(36).not_null().to_owned()
}

/// A short text that is searched for: MySQL can index no other.
pub(super) fn key(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string_len(255).not_null().to_owned()
}

/// A foreign key to the id of another table: rows go when what they belong to goes.
pub(super) fn belongs_to(
    table: &'static str,
    column: &'static str,
    target: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(table, column)
        .to(target, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

/// A collation that compares texts as the other databases do: to the byte, trailing spaces
/// included. With MySQL's default, the sessions `anna` and `Anna ` would be one.
async fn exact_collation(manager: &SchemaManager<'_>) -> Result<&'static str, DbErr> {
    let statement = Statement::from_string(DbBackend::MySql, "SELECT VERSION()".to_owned());
    let row = manager.get_connection().query_one_raw(statement).await?;
    let version: String = row.map(|it| it.try_get_by_index(0)).transpose()?.unwrap_or_default();
    Ok(if version.contains("MariaDB") { "utf8mb4_nopad_bin" } else { "utf8mb4_0900_bin" })
}
