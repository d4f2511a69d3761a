// API keys: who may call this server from outside.
export { ApiKeysPage } from "./api-keys-page";
