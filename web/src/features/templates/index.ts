// Templates: the list, and one looked at.
export { TemplatePage } from "./template-page";
export { TemplatesPage } from "./templates-page";
