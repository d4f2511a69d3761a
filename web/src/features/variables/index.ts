// Variables: values that flows read by name.
export { VariablesPage } from "./variables-page";
