// The forms of nodes, for pages without a canvas: fields as on the canvas, and none of its weight.
export { defaultsOfEntry, fieldsOfEntry, NodeForm, type NodeFormProps, problemsOfEntry } from "./view/fields/node-form";
export { makeNode } from "./model/make-node";
export { useProblemText } from "./view/problem-text";
export { type Param } from "./model/node-data";
