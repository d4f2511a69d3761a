// Templates: the list, one looked at, and what shows one elsewhere.
export { SketchPicture } from "./flow-sketch";
export { TemplateChips } from "./template-card";
export { TemplatePage } from "./template-page";
export { TemplatesPage } from "./templates-page";
