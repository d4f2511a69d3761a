// API keys: who may call this server from outside.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/apiKeys.json";
export { ApiKeysPage } from "./api-keys-page";

addTexts("apiKeys", texts);
