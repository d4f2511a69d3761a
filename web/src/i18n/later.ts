// Sentences that pages bring along when they are opened. This list is for types and tests; pages import their own file.
import apiKeys from "./en/apiKeys.json";
import chat from "./en/chat.json";
import conversations from "./en/conversations.json";
import credentials from "./en/credentials.json";
import documentStores from "./en/documentStores.json";
import flowApi from "./en/flowApi.json";
import flowPages from "./en/flowPages.json";
import flowSettings from "./en/flowSettings.json";
import generator from "./en/generator.json";
import leads from "./en/leads.json";
import logs from "./en/logs.json";
import mcpServers from "./en/mcpServers.json";
import run from "./en/run.json";
import tools from "./en/tools.json";
import triggers from "./en/triggers.json";
import upserts from "./en/upserts.json";
import usage from "./en/usage.json";
import variables from "./en/variables.json";

export const later = { apiKeys, chat, conversations, credentials, documentStores, flowApi, flowPages, flowSettings, generator, leads, logs, mcpServers, run, tools, triggers, upserts, usage, variables };

export type LaterTexts = typeof later;
