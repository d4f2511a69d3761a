// Calling a flow from elsewhere: snippets to copy, and a place to try them.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/flowApi.json";
export { FlowApiPage } from "./flow-api-page";

addTexts("flowApi", texts);
