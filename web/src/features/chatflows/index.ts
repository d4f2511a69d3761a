// The lists of flows, and what reads a flow's graph without the canvas.
export { credentialKindsOf, graphOf, nodesOf, typeOfGraph } from "./graph";
export { AgentflowsPage, ChatflowsPage } from "./pages";
