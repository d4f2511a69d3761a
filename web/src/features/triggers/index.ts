// How a flow is started without a chat: by itself, by other systems, by a form.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/triggers.json";
export { TriggerPage } from "./trigger-page";

addTexts("triggers", texts);
