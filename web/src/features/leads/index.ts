// Leads: people who left an address before they chatted.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/leads.json";
export { LeadsPage } from "./leads-page";

addTexts("leads", texts);
