// The settings of a flow.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/flowSettings.json";
export { FlowSettingsPage } from "./settings-page";

addTexts("flowSettings", texts);
