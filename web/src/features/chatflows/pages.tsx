// The two pages that list flows.
import { useSearch } from "@tanstack/react-router";
import { MessagesSquare, Workflow } from "lucide-react";
import type { ListSearch } from "~/features/list";
import { AgentflowKinds, FlowsPage } from "./flows-page";

export function ChatflowsPage() {
  return <FlowsPage type="CHATFLOW" texts="chatflows" area="chatflows" icon={<MessagesSquare />} />;
}

export function AgentflowsPage() {
  const search = useSearch({ strict: false }) as ListSearch;
  const type = search["kind"] === "v1" ? "MULTIAGENT" : "AGENTFLOW";
  return <FlowsPage key={type} type={type} texts="agentflows" area="agentflows" icon={<Workflow />} above={<AgentflowKinds />} />;
}
