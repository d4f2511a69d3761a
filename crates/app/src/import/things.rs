//! Flows and all that hangs on them.

use anyhow::{Context as _, Result};
use flowstone_flowise::{Row, Table, decrypt};
use flowstone_store::{
    Assistant, ChatFlow, ChatMessage, Credential, CustomTemplate, Execution, Feedback, Lead,
    MovedExecution, Tool, UpsertHistory, Variable, WorkspaceScope,
};
use futures::TryStreamExt as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{BATCH, Fate, Import};

impl Import<'_> {
    /// Credentials are opened with the source's key and sealed with ours.
    pub(super) async fn credentials(&mut self) -> Result<()> {
        let store = self.store();
        for row in self.rows(Table::Credential).await? {
            let Some(id) = row.text("id") else { continue };
            let name = row.text("name").unwrap_or_else(|| id.clone());
            let kind = row.text("credentialName").unwrap_or_default();
            let sealed = row.text("encryptedData").unwrap_or_default();
            let Some(key) = &self.key else {
                self.report.not_taken(format!(
                    "credential \"{name}\" ({kind}): the encryption key is not known; name it with \
                     --key-file"
                ));
                continue;
            };
            let Ok(opened) = decrypt(key, &sealed) else {
                self.report
                    .advise("Enter the missing credentials anew, then choose them in the flows.");
                self.report.not_taken(format!(
                    "credential \"{name}\" ({kind}): it does not open with this encryption key; \
                     enter it anew"
                ));
                continue;
            };
            let scope = self.scope_of(&row);
            let here = Box::pin(async { store.credentials().get(&scope, &id).await.is_ok() });
            let credential = Credential {
                encrypted_data: self.target.key.seal(&id, &opened)?,
                id: id.clone(),
                name: name.clone(),
                credential_name: kind.clone(),
                created_date: self.made(&row),
                updated_date: self.changed(&row),
                workspace_id: scope.workspace_id().to_owned(),
            };
            let written = Box::pin(async { store.credentials().insert(&scope, &credential).await });
            self.keep(Table::Credential, &name, here, written).await?;
            if !flowstone_nodes::CREDENTIALS.iter().any(|it| it.name == kind) {
                self.report.differs(format!(
                    "credential \"{name}\": no node of this version takes a {kind}; it is kept"
                ));
            }
        }
        Ok(())
    }

    pub(super) async fn variables(&mut self) -> Result<()> {
        let store = self.store();
        for row in self.rows(Table::Variable).await? {
            let Some(id) = row.text("id") else { continue };
            let scope = self.scope_of(&row);
            let name = row.text("name").unwrap_or_else(|| id.clone());
            let here = Box::pin(async { store.variables().get(&scope, &id).await.is_ok() });
            let variable = Variable {
                id: id.clone(),
                name: name.clone(),
                value: row.text("value"),
                variable_type: row.text("type").unwrap_or_else(|| "static".to_owned()),
                created_date: self.made(&row),
                updated_date: self.changed(&row),
                workspace_id: scope.workspace_id().to_owned(),
            };
            if variable.variable_type == "runtime" {
                self.report.differs(format!(
                    "variable \"{name}\": it took its value from the server's environment, which \
                     flows cannot read here; give it a value"
                ));
            }
            let written = Box::pin(async { store.variables().insert(&scope, &variable).await });
            self.keep(Table::Variable, &name, here, written).await?;
        }
        Ok(())
    }

    pub(super) async fn tools(&mut self) -> Result<()> {
        let store = self.store();
        for row in self.rows(Table::Tool).await? {
            let Some(id) = row.text("id") else { continue };
            let scope = self.scope_of(&row);
            let name = row.text("name").unwrap_or_else(|| id.clone());
            let here = Box::pin(async { store.tools().get(&scope, &id).await.is_ok() });
            let tool = Tool {
                id: id.clone(),
                name: name.clone(),
                description: row.text("description").unwrap_or_default(),
                color: row.text("color").unwrap_or_default(),
                icon_src: row.text("iconSrc"),
                schema: row.text("schema"),
                func: row.text("func"),
                created_date: self.made(&row),
                updated_date: self.changed(&row),
                workspace_id: scope.workspace_id().to_owned(),
            };
            if tool.func.as_deref().is_some_and(loads_modules) {
                self.report.differs(format!(
                    "tool \"{name}\": its code loads modules with require, which scripts cannot here"
                ));
            }
            let written = Box::pin(async { store.tools().insert(&scope, &tool).await });
            self.keep(Table::Tool, &name, here, written).await?;
        }
        Ok(())
    }

    pub(super) async fn assistants(&mut self) -> Result<()> {
        let store = self.store();
        for row in self.rows(Table::Assistant).await? {
            let Some(id) = row.text("id") else { continue };
            let scope = self.scope_of(&row);
            let details = row.text("details").unwrap_or_else(|| "{}".to_owned());
            let name = serde_json::from_str::<Value>(&details).ok();
            let name = name.and_then(|it| it["name"].as_str().map(str::to_owned));
            let name = name.unwrap_or_else(|| id.clone());
            let here = Box::pin(async { store.assistants().get(&scope, &id).await.is_ok() });
            let assistant = Assistant {
                id: id.clone(),
                details,
                credential: row.text("credential").unwrap_or_default(),
                icon_src: row.text("iconSrc"),
                kind: row.text("type"),
                created_date: self.made(&row),
                updated_date: self.changed(&row),
                workspace_id: scope.workspace_id().to_owned(),
            };
            let written = Box::pin(async { store.assistants().insert(&scope, &assistant).await });
            self.keep(Table::Assistant, &name, here, written).await?;
        }
        Ok(())
    }

    pub(super) async fn templates(&mut self) -> Result<()> {
        let store = self.store();
        for row in self.rows(Table::CustomTemplate).await? {
            let Some(id) = row.text("id") else { continue };
            let scope = self.scope_of(&row);
            let name = row.text("name").unwrap_or_else(|| id.clone());
            let here = Box::pin(async { store.templates().get(&scope, &id).await.is_ok() });
            let template = CustomTemplate {
                id: id.clone(),
                name: name.clone(),
                flow_data: row.text("flowData").unwrap_or_default(),
                description: row.text("description"),
                badge: row.text("badge"),
                framework: row.text("framework"),
                usecases: row.text("usecases"),
                kind: row.text("type"),
                created_date: self.made(&row),
                updated_date: self.changed(&row),
                workspace_id: scope.workspace_id().to_owned(),
            };
            let written = Box::pin(async { store.templates().insert(&scope, &template).await });
            self.keep(Table::CustomTemplate, &name, here, written).await?;
        }
        Ok(())
    }

    pub(super) async fn flows(&mut self) -> Result<()> {
        let store = self.store();
        for row in self.rows(Table::ChatFlow).await? {
            let data = row.text("flowData").unwrap_or_default();
            let name = row.text("name").unwrap_or_else(|| "Untitled".to_owned());
            let id = row.text("id").unwrap_or_else(|| id_of(&name, &data));
            let scope = self.scope_of(&row);
            let here = Box::pin(async { store.chatflows().get(&scope, &id).await.is_ok() });
            self.judge(&name, &data);
            let flow = ChatFlow {
                id: id.clone(),
                name: name.clone(),
                flow_data: data,
                deployed: row.flag("deployed"),
                is_public: row.flag("isPublic"),
                api_key_id: row.text("apikeyid"),
                chatbot_config: row.text("chatbotConfig"),
                api_config: row.text("apiConfig"),
                analytic: row.text("analytic"),
                speech_to_text: row.text("speechToText"),
                text_to_speech: row.text("textToSpeech"),
                follow_up_prompts: row.text("followUpPrompts"),
                category: row.text("category"),
                flow_type: row.text("type").or_else(|| Some("CHATFLOW".to_owned())),
                mcp_server_config: row.text("mcpServerConfig"),
                webhook_secret: row.text("webhookSecret"),
                created_date: self.made(&row),
                updated_date: self.changed(&row),
                workspace_id: scope.workspace_id().to_owned(),
                revision: self.now.timestamp_millis(),
            };
            let written = Box::pin(async { store.chatflows().insert(&scope, &flow).await });
            if self.keep(Table::ChatFlow, &name, here, written).await? {
                self.flows.insert(id, scope.workspace_id().to_owned());
            }
        }
        Ok(())
    }

    /// Tells what of a flow works otherwise here.
    fn judge(&mut self, name: &str, data: &str) {
        let Ok(flow) = serde_json::from_str::<Value>(data) else {
            self.report.differs(format!("flow \"{name}\": what it holds is no JSON; it is kept"));
            return;
        };
        let catalog = self.target.engine.catalog();
        let mut unknown = Vec::new();
        for node in flow["nodes"].as_array().into_iter().flatten() {
            let Some(kind) = node["data"]["name"].as_str() else { continue };
            if catalog.get(kind).is_none() && !unknown.contains(&kind) {
                unknown.push(kind);
            }
        }
        if !unknown.is_empty() {
            let nodes = unknown.join(", ");
            self.report.differs(format!(
                "flow \"{name}\": it cannot run yet, as this version has no {nodes}"
            ));
        }
        if loads_modules(data) {
            self.report.differs(format!(
                "flow \"{name}\": a script in it loads modules with require, which scripts cannot \
                 here"
            ));
        }
    }

    /// Messages, in batches: a history may not fit into memory.
    pub(super) async fn messages(&mut self) -> Result<()> {
        let source = self.source;
        let mut rows = source.rows(Table::ChatMessage).try_chunks(BATCH);
        while let Some(rows) = rows.try_next().await.context("the messages")? {
            let mut batch: Vec<(String, ChatMessage)> = Vec::new();
            for row in rows {
                let Some(flow) = row.text("chatflowid") else { continue };
                let Some(workspace) = self.flows.get(&flow) else {
                    self.report.not_taken("messages of flows that are gone".to_owned());
                    continue;
                };
                if let Some(message) = self.message(&row, flow) {
                    batch.push((workspace.clone(), message));
                }
            }
            self.write_messages(batch).await?;
        }
        Ok(())
    }

    async fn write_messages(&mut self, mut batch: Vec<(String, ChatMessage)>) -> Result<()> {
        if self.rehearsal {
            self.report.count_many("messages", batch.len() as u64, Fate::Taken);
            return Ok(());
        }
        batch.sort_by(|a, b| a.0.cmp(&b.0));
        for same in batch.chunk_by(|a, b| a.0 == b.0) {
            let scope = WorkspaceScope::new(same[0].0.clone());
            let messages: Vec<ChatMessage> = same.iter().map(|it| it.1.clone()).collect();
            match self.store().messages().insert(&scope, &messages).await {
                Ok(()) => {
                    self.report.count_many("messages", messages.len() as u64, Fate::Taken);
                }
                // Some of them are here already or cannot be kept: one by one tells which.
                Err(_) => {
                    for message in messages {
                        let id = message.id.clone();
                        let written = self.store().messages().insert(&scope, &[message]).await;
                        self.settle(Table::ChatMessage, &id, written)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn message(&self, row: &Row, chatflow_id: String) -> Option<ChatMessage> {
        Some(ChatMessage {
            id: row.text("id")?,
            role: row.text("role")?,
            chatflow_id,
            execution_id: row.text("executionId"),
            content: row.text("content").unwrap_or_default(),
            source_documents: row.text("sourceDocuments"),
            used_tools: row.text("usedTools"),
            file_annotations: row.text("fileAnnotations"),
            agent_reasoning: row.text("agentReasoning"),
            reason_content: row.text("reasonContent"),
            file_uploads: row.text("fileUploads"),
            artifacts: row.text("artifacts"),
            action: row.text("action"),
            chat_type: row.text("chatType").unwrap_or_else(|| "INTERNAL".to_owned()),
            chat_id: row.text("chatId").unwrap_or_default(),
            memory_type: row.text("memoryType"),
            session_id: row.text("sessionId"),
            created_date: self.made(row),
            lead_email: row.text("leadEmail"),
            follow_up_prompts: row.text("followUpPrompts"),
        })
    }

    pub(super) async fn executions(&mut self) -> Result<()> {
        let (source, store) = (self.source, self.store());
        let mut rows = source.rows(Table::Execution);
        while let Some(row) = rows.try_next().await.context("the executions")? {
            let (Some(id), Some(agentflow_id)) = (row.text("id"), row.text("agentflowId")) else {
                continue;
            };
            let Some(workspace_id) = self.flows.get(&agentflow_id).cloned() else {
                self.report.not_taken("executions of flows that are gone".to_owned());
                continue;
            };
            let moved = Execution::moved(MovedExecution {
                id: id.clone(),
                state: row.text("state").unwrap_or_default(),
                agentflow_id,
                session_id: row.text("sessionId").unwrap_or_default(),
                execution_data: row.text("executionData").unwrap_or_else(|| "[]".to_owned()),
                is_public: row.flag("isPublic"),
                created_date: self.made(&row),
                updated_date: self.changed(&row),
                stopped_date: row.time("stoppedDate"),
                workspace_id: workspace_id.clone(),
            });
            let (execution, turns) = match moved {
                Ok(moved) => moved,
                Err(error) => {
                    self.report.not_taken(format!("execution \"{id}\": {error}"));
                    continue;
                }
            };
            let scope = WorkspaceScope::new(workspace_id);
            let here = async { store.executions().get(&scope, &id).await.is_ok() };
            let written = Box::pin(async {
                store.executions().insert_with_turns(&scope, &execution, turns).await
            });
            self.keep(Table::Execution, &id, here, written).await?;
        }
        Ok(())
    }

    pub(super) async fn feedback(&mut self) -> Result<()> {
        let store = self.store();
        for row in self.rows(Table::ChatMessageFeedback).await? {
            let (Some(id), Some((scope, chatflow_id))) = (row.text("id"), self.flow_of(&row))
            else {
                continue;
            };
            let feedback = Feedback {
                id: id.clone(),
                chatflow_id,
                chat_id: row.text("chatId").unwrap_or_default(),
                message_id: row.text("messageId").unwrap_or_default(),
                rating: row.text("rating"),
                content: row.text("content"),
                created_date: self.made(&row),
            };
            let here = std::future::ready(false);
            let written = Box::pin(async { store.feedback().insert(&scope, &feedback).await });
            self.keep(Table::ChatMessageFeedback, &id, here, written).await?;
        }
        Ok(())
    }

    pub(super) async fn leads(&mut self) -> Result<()> {
        let store = self.store();
        for row in self.rows(Table::Lead).await? {
            let (Some(id), Some((scope, chatflow_id))) = (row.text("id"), self.flow_of(&row))
            else {
                continue;
            };
            let lead = Lead {
                id: id.clone(),
                name: row.text("name"),
                email: row.text("email"),
                phone: row.text("phone"),
                chatflow_id,
                chat_id: row.text("chatId").unwrap_or_default(),
                created_date: self.made(&row),
            };
            let here = std::future::ready(false);
            let written = Box::pin(async { store.leads().insert(&scope, &lead).await });
            self.keep(Table::Lead, &id, here, written).await?;
        }
        Ok(())
    }

    pub(super) async fn upsert_history(&mut self) -> Result<()> {
        let store = self.store();
        for row in self.rows(Table::UpsertHistory).await? {
            let Some(id) = row.text("id") else { continue };
            let of_store =
                row.text("chatflowid").filter(|it| self.document_stores.contains_key(it));
            let whose = match &of_store {
                Some(id) => Some((self.document_stores[id].scope.clone(), id.clone())),
                None => self.flow_of(&row),
            };
            let Some((scope, chatflow_id)) = whose else { continue };
            let entry = UpsertHistory {
                id: id.clone(),
                chatflow_id,
                result: row.text("result").unwrap_or_else(|| "{}".to_owned()),
                flow_data: row.text("flowData").unwrap_or_else(|| "[]".to_owned()),
                date: row.time("date").unwrap_or(self.now),
            };
            let here = std::future::ready(false);
            let written = Box::pin(async {
                match of_store {
                    Some(_) => store.document_stores().add_history(&scope, &entry).await,
                    None => store.upsert_history().insert(&scope, &entry).await,
                }
            });
            self.keep(Table::UpsertHistory, &id, here, written).await?;
        }
        Ok(())
    }

    /// The flow a row belongs to, and the workspace of that.
    fn flow_of(&self, row: &Row) -> Option<(WorkspaceScope, String)> {
        let flow = row.text("chatflowid")?;
        let workspace = self.flows.get(&flow)?;
        Some((WorkspaceScope::new(workspace.clone()), flow))
    }
}

/// Scripts of Flowise could load modules of Node.js.
fn loads_modules(code: &str) -> bool {
    code.contains("require(")
}

/// An id for a flow that has none: the same file gives the same id, so that a second run finds it.
fn id_of(name: &str, data: &str) -> String {
    let digest = Sha256::new().chain_update(name).chain_update([0]).chain_update(data).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}
