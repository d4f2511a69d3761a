// Leads: people who left an address before they chatted.
export { LeadsPage } from "./leads-page";
