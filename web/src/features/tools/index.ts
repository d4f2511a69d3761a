// Custom tools: JavaScript that agents may call.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/tools.json";
export { ToolPage } from "./tool-page";
export { ToolsPage } from "./tools-page";

addTexts("tools", texts);
