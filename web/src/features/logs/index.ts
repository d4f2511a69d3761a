// Where the server's log is.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/logs.json";
export { LogsPage } from "./logs-page";

addTexts("logs", texts);
